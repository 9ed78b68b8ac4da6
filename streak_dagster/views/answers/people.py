"""Everybody whom the account knows as a user, by name."""

from __future__ import annotations

from .. import sql
from ..answer import Answer, AnswerColumn

_SOURCES = (
    ("team_members", "user_key", ("display_name", "full_name", "email"), "role"),
    ("users", "key", ("display_name", "email"), "NULL::VARCHAR"),
)


def _source(place: int, table: str, key: str, names: tuple[str, ...], role: str) -> str:
    name = ", ".join(sql.words(each) for each in names)
    return (
        f"  SELECT {place} AS place, {key} AS user_key, coalesce({name}) AS name, "
        f"{sql.words('email')} AS email, {role} AS role\n  FROM {{{table}}}"
    )


_EMAIL = sql.words(sql.member("entry", "email"))

_SQL = f"""\
SELECT
  user_key AS person_key,
  arg_min(name, (contains(name, '@'), place, name)) FILTER (WHERE name IS NOT NULL) AS person,
  arg_min(email, place) FILTER (WHERE email IS NOT NULL) AS email,
  arg_min(role, place) FILTER (WHERE role IS NOT NULL) AS role
FROM (
{" UNION ALL ".join(_source(place, *source) for place, source in enumerate(_SOURCES))}
  UNION ALL
  SELECT 2, {sql.member_key("entry")}, {sql.member_name("entry")}, {_EMAIL}, NULL
  FROM (SELECT unnest({sql.members("acl_entries")}) AS entry FROM {{pipelines}})
)
WHERE user_key IS NOT NULL
GROUP BY user_key"""

PEOPLE = Answer(
    name="people",
    question="Who is on the team, and whose key is this?",
    description=(
        "Everybody whom the account knows as a user, one row a person, with the name that all other views "
        "use.\n\n"
        "The name is the first that is known of display name, full name and e-mail address: from the team's "
        "members, then its users, then the people with rights of their own in a pipeline; an address only "
        "where nobody has a name. So who has left the team may still have a name."
    ),
    example="SELECT person, email, role FROM streak_views.people ORDER BY person",
    columns=(
        AnswerColumn("person_key", "Streak's key of the user."),
        AnswerColumn("person", "Display name, else full name, else e-mail address.", personal=True),
        AnswerColumn("email", "The user's e-mail address, where known.", personal=True),
        AnswerColumn(
            "role",
            "What the person is in the team: Owner, Member, PayerOnly or ArchiveOnly; NULL for who isn't in "
            "it.",
        ),
    ),
    sql=_SQL,
    reads=("team_members", "users", "pipelines"),
)
