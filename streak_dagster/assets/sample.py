"""Where the built-in sample may go: a made-up team must not be taken for somebody's own."""

from streak_dagster.errors import AccountMismatchError, SettingsError
from streak_dagster.settings import SAMPLE_DATABASE, is_sample_database
from streak_dagster.warehouse.meta import SAMPLE


def refuse_sample(location: str, before: str | None) -> None:
    """Let the sample into the sandbox's own file only, and only where that holds nothing else.

    ``before`` is the account whose data the database holds, None for a new one. Raises SettingsError or
    AccountMismatchError.
    """
    if not is_sample_database(location):
        raise SettingsError(
            f"The built-in sample is copied into {SAMPLE_DATABASE} only, not into {location}. Set "
            "STREAK_API_KEY to copy an account there, or unset STREAK_DUCKDB_PATH to copy the sample."
        )
    if before not in (None, SAMPLE):
        raise AccountMismatchError(
            f"The database {location} holds the data of a Streak account, which the built-in sample never "
            "replaces; nothing was changed. Set STREAK_API_KEY to go on with it, or move the file away."
        )
