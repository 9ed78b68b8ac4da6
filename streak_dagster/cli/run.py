import click
from streak_dagster.cli.face import Face


@click.command(short_help="x")
@click.option("--strict", is_flag=True)
@click.pass_obj
def command(face: Face, strict: bool):
    from streak_dagster import cli_old

    return cli_old.run(face.settings, strict=strict)
