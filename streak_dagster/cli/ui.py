import click
from streak_dagster.cli.face import Face


@click.command()
@click.pass_obj
def command(face: Face):
    from streak_dagster import cli_old
    from streak_dagster.environment import refuse_for_dagster
    from pathlib import Path

    refuse_for_dagster(Path.cwd())
    return cli_old.ui(face.settings)
