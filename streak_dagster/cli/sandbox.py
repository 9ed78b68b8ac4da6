"""``streak-dagster sandbox``: a Streak-compatible server on this machine."""

from __future__ import annotations

import click


@click.command(
    short_help="Serve a made-up account on this machine.",
    context_settings={"ignore_unknown_options": True, "help_option_names": []},
    add_help_option=False,
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def command(arguments: tuple[str, ...]) -> int:
    """Serve a made-up account; takes what `python -m streak_dagster.sandbox` takes."""
    from streak_dagster.sample import serve  # noqa: PLC0415 - only this command serves

    return serve(arguments)
