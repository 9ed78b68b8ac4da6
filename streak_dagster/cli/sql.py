import click

from streak_dagster.cli.face import Face


@click.command()
@click.argument("query")
@click.pass_obj
def command(face: Face, query: str):
    from streak_dagster import cli_old
    from streak_dagster.terminal import typed

    return cli_old.show(face.settings, typed(query))
