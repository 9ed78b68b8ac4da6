"""SQL that several views write the same way: a name that is none, complete days, the members of a list."""

from __future__ import annotations

MILLISECONDS_A_DAY = 86_400_000

MOMENT = "TIMESTAMP WITH TIME ZONE"
COUNT = "BIGINT"

NOW = "{now}"
"""When the answer is read; filled in where it becomes a view, or a macro that reads the past."""

_EARLIEST = -62_135_596_800_000
_LATEST = 253_402_300_799_999


def words(expression: str) -> str:
    """A text, or NULL where there is nothing in it to read."""
    return f"nullif(trim({expression}), '')"


def reading(name: str) -> str:
    """A name as it is compared with words: small letters without accents, all else a space."""
    return rf"trim(regexp_replace(strip_accents(lower({name})), '[^\pL\pN]+', ' ', 'g'))"


def days(since: str, until: str = NOW) -> str:
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


def day(moment: str) -> str:
    """The day of a moment in UTC."""
    return f"{utc(moment)}::DATE"


def moment(milliseconds: str) -> str:
    """The moment that a text of milliseconds since 1970-01-01 UTC means; NULL for anything else.

    Of the years 1 to 9999: what is further away is no moment but a mistake, and would overflow.
    """
    number = f"try_cast({milliseconds} AS BIGINT)"
    return f"CASE WHEN {number} BETWEEN {_EARLIEST} AND {_LATEST} THEN make_timestamptz({number} * 1000) END"


def later(moment: str, milliseconds: str) -> str:
    """The moment some milliseconds after another; NULL where they are none, negative or beyond all reason."""
    return (
        f"CASE WHEN {milliseconds} BETWEEN 1 AND {_LATEST} "
        f"THEN make_timestamptz(epoch_us({moment}) + {milliseconds} * 1000) END"
    )


def members(column: str) -> str:
    """The members of a JSON list, as a list of JSON; none of anything that is no list, NULL of NULL."""
    return f"json_extract({column}, '$[*]')"


def member(entry: str, name: str) -> str:
    """A member of a JSON object, as text.

    A call and not the arrow, which before DuckDB 2 binds weaker than ``IS NOT NULL``.
    """
    return f"json_extract_string({entry}, '$.{name}')"


def text_of(entry: str) -> str:
    """A JSON value as text: that of a string, and of anything else its JSON."""
    return f"json_extract_string({entry}, '$')"


def member_key(entry: str) -> str:
    """The user's key in an entry of a list of people: a member of an object, or the text itself."""
    keys = ", ".join(member(entry, name) for name in ("userKey", "key"))
    return f"coalesce({keys}, CASE WHEN json_type({entry}) = 'VARCHAR' THEN {text_of(entry)} END)"


def member_name(entry: str) -> str:
    """What an entry of a list of people itself says of the name."""
    names = ", ".join(words(member(entry, name)) for name in ("displayName", "fullName", "email"))
    return f"coalesce({names})"


def people_in(table: str, key: str, column: str) -> str:
    """A query of ``key`` and the names in a JSON list of people, ``names`` in the order of the list.

    Each name is that of ``{people}`` where the user is known, and the list's own otherwise. Rows whose list
    is empty, or is no list, don't come.
    """
    return f"""\
SELECT key, string_agg(name, ', ' ORDER BY place) AS names
  FROM (
    SELECT entry.key, entry.place, coalesce(people.person, {member_name("entry.entry")}) AS name
    FROM (
      SELECT key, unnest(entries) AS entry, generate_subscripts(entries, 1) AS place
      FROM (SELECT {key} AS key, {members(column)} AS entries FROM {{{table}}})
    ) AS entry
    LEFT JOIN {{people}} AS people ON people.person_key = {member_key("entry.entry")}
  )
  GROUP BY key"""


SENT_MAIL = f"""\
SELECT
      thread,
      lower(trim({member("pair", "email")})) AS email,
      {moment(member("pair", "sendTimestamp"))} AS moment
    FROM (
      SELECT key AS thread, unnest({members("sender_email_send_timestamp_pairs")}) AS pair
      FROM {{box_threads}}
    )"""
"""A query of who sent which e-mail when. A thread that is in several boxes comes as often."""
