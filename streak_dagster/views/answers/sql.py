"""SQL that several answers write the same way: a name that is none, complete days, the members of a list."""

from __future__ import annotations

MILLISECONDS_A_DAY = 86_400_000


def words(expression: str) -> str:
    """A text, or NULL where there is nothing in it to read."""
    return f"nullif(trim({expression}), '')"


def days(since: str, until: str = "now()") -> str:
    """Complete days of 24 hours from one moment to another, in whatever time zone; negative backwards.

    The first incomplete day counts as none in either direction. NULL where a moment is.
    """
    return f"(epoch_ms({until}) - epoch_ms({since})) // {MILLISECONDS_A_DAY}"


def days_so_far(since: str) -> str:
    """Complete days until now; none yet where Streak's clock is ahead of ours."""
    return f"CASE WHEN {since} IS NOT NULL THEN greatest({days(since)}, 0) END"


def utc(moment: str) -> str:
    """The moment's date and time in UTC, as a TIMESTAMP, whatever the session's time zone."""
    return f"make_timestamp(epoch_us({moment}))"


def moment(milliseconds: str) -> str:
    """The moment that a text of milliseconds since 1970-01-01 UTC means; NULL for anything else."""
    return f"make_timestamptz(try_cast({milliseconds} AS BIGINT) * 1000)"


def members(column: str) -> str:
    """The members of a JSON list, as a list of JSON; none of anything that is no list, NULL of NULL."""
    return f"json_extract({column}, '$[*]')"


def member_key(entry: str) -> str:
    """The user's key in an entry of a list of people: a member of an object, or the text itself."""
    return f"coalesce({entry} ->> '$.userKey', {entry} ->> '$.key', {_text(entry)})"


def member_name(entry: str) -> str:
    """What an entry of a list of people itself says of the name."""
    names = ", ".join(words(f"{entry} ->> '$.{name}'") for name in ("displayName", "fullName", "email"))
    return f"coalesce({names})"


def _text(entry: str) -> str:
    return f"CASE WHEN json_type({entry}) = 'VARCHAR' THEN {entry} ->> '$' END"
