"""Who a person is: from one address or key, their other keys, addresses and full names in the database.

They are taken from the rows that are the person, present and past ones, and from objects in JSON columns that
describe them (sharing entries). An address that is also somebody else's, such as a hotel's info@, isn't taken
unless it is the one that was given.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from streak_dagster.sync.erased import ADDRESSES_OF, HASH, IDENTIFYING, address_form, words_of
from streak_dagster.warehouse import meta
from streak_dagster.warehouse.ddl import SCHEMA, literal, quoted
from streak_dagster.warehouse.history import PAST

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from streak_dagster.warehouse.session import Session

_KEYS = {"contacts": "key", "users": "key", "team_members": "user_key"}
_NAMES = {
    "contacts": (("given_name", "family_name"), ("family_name", "given_name")),
    "users": (
        ("display_name",),
        ("google_profile_full_name",),
        ("google_profile_first_name", "google_profile_last_name"),
        ("google_profile_last_name", "google_profile_first_name"),
    ),
    "team_members": (("display_name",), ("full_name",)),
}
"""Columns that, joined by spaces, are a name; the other order is how lists write it."""
_FULL = (("google_profile_full_name",), ("full_name",))
_ROUNDS = 5
"""At most so often, what was found is looked for again."""


@dataclass
class Person:
    """By what a person is known here. ``shared`` are addresses of theirs that others have, too.

    ``rows`` are how many rows in the tables of people are theirs, past ones counted.
    """

    keys: set[str] = field(default_factory=set)
    addresses: set[str] = field(default_factory=set)
    names: set[str] = field(default_factory=set)
    shared: set[str] = field(default_factory=set)
    rows: int = 0

    @property
    def pattern(self) -> str:
        """A regular expression (RE2, flags ``is``) that every text matches in which they are named.

        Others may match, too: of a name only the ASCII runs are looked for, which are written in one way.
        """
        parts = [re.escape(each) for each in (*self.keys, *self.addresses)]
        for name in self.names:
            words = words_of(name)
            runs = [max(found, key=len) for word in words if (found := re.findall(r"[ -~]+", word))]
            parts.append(".{0,40}".join(map(re.escape, runs or words)))
        return "|".join(sorted(parts))


def find_person(session: Session, given: str, also: Iterable[str] = ()) -> Person:
    """The person whom ``given``, an address or a key of Streak's, names; ``also`` are other forms of it."""
    forms = {address_form(each) for each in (given, *also)} if "@" in given else {given}
    person = Person(addresses=set(forms)) if "@" in given else Person(keys=set(forms))
    others: dict[str, set[str]] = {}
    for _ in range(_ROUNDS):
        before = (set(person.keys), set(person.addresses), set(person.names))
        person.rows, others = 0, {}
        for key, addresses, names in _rows_of_people(session, person):
            if _is_theirs(person, forms, key, addresses, names):
                person.rows += 1
                person.keys.add(key)
                person.addresses |= addresses - person.shared
                person.names |= names
            else:
                others.setdefault(key, set()).update(addresses)
        for record in _records(session, person):
            _take(person, record)
        person.shared |= {each for addresses in others.values() for each in addresses & person.addresses}
        person.shared -= forms
        person.addresses -= person.shared
        if before == (person.keys, person.addresses, person.names):
            break
    return person


def _is_theirs(person: Person, forms: set[str], key: str, addresses: set[str], names: set[str]) -> bool:
    if key in person.keys or addresses & forms:
        return True
    mine = {" ".join(words_of(name)) for name in person.names}
    same = {" ".join(words_of(name)) for name in names} & mine
    return bool(addresses & person.addresses) and bool(same or not names)


def _rows_of_people(session: Session, person: Person) -> Iterator[tuple[str, set[str], set[str]]]:
    """Rows of the tables of people that name the person: key, addresses, full names."""
    for table, key in _KEYS.items():
        for schema, name in ((SCHEMA, table), (meta.SCHEMA, f"{PAST}{table}")):
            columns = session.columns(name, schema)
            if key not in columns:
                continue
            held = [each for each in ADDRESSES_OF[table] if each in columns]
            named = [each for each in _NAMES[table] if set(each) <= columns.keys()]
            texts = [f"{quoted(each)}::VARCHAR" for each in held]
            full = [f"concat_ws(' ', {', '.join(map(quoted, each))})" for each in named]
            looked = " OR ".join(
                f"regexp_matches({each}, {literal(person.pattern)}, 'is')" for each in [quoted(key), *texts]
            )
            found = session.execute(
                f"SELECT {quoted(key)}, [{', '.join(texts)}]::VARCHAR[], [{', '.join(full)}]::VARCHAR[] "
                f"FROM {session.qualified(name, schema)} WHERE {looked}"
            ).fetchall()
            for own, addresses, names in found:
                full_names = {each for each in names if _is_name(each)}
                # Of a hash nobody sees how many words it is of, so only those of full names are taken.
                full_names |= {
                    each
                    for each, of in zip(names, named, strict=True)
                    if of in _FULL and HASH.fullmatch(each)
                }
                yield own, set(_addresses(addresses)), full_names


def _addresses(texts: Iterable[str | None]) -> Iterator[str]:
    for text in texts:
        try:
            value: Any = json.loads(text) if text and text[:1] == "[" else text
        except ValueError:
            value = text
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, str) and each.strip():
                yield address_form(each)


def _is_name(text: str | None) -> bool:
    return text is not None and len(text.split()) > 1 and "@" not in text


def _records(session: Session, person: Person) -> Iterator[dict[str, Any]]:
    """Objects in JSON columns of published tables that name the person, each once."""
    found = session.execute(
        "SELECT table_name, column_name FROM duckdb_columns() WHERE database_name = current_database() "
        "AND schema_name = ? AND data_type = 'JSON'",
        [SCHEMA],
    ).fetchall()
    sure = "|".join(re.escape(each) for each in sorted(person.keys | person.addresses))
    flat = literal(rf"\{{[^{{}}]*({sure})[^{{}}]*\}}")
    for table, column in found:
        text = f"{quoted(column)}::VARCHAR"
        objects = session.execute(
            f"SELECT DISTINCT unnest(regexp_extract_all({text}, {flat}, 0, 'is')) "
            f"FROM {session.qualified(table)} WHERE regexp_matches({text}, {literal(sure)}, 'is')"
        ).fetchall()
        for (each,) in objects:
            try:
                record = json.loads(each)
            except ValueError:
                continue
            if isinstance(record, dict):
                yield record


def _take(person: Person, record: dict[str, Any]) -> None:
    """What an object says of the person, where one of its members identifies them."""
    texts = {name: value for name, value in record.items() if isinstance(value, str)}
    identifying = {value for name, value in texts.items() if name.lower() in IDENTIFYING}
    forms = {address_form(each) for each in identifying}
    if not (identifying & person.keys or forms & person.addresses):
        return
    if key := texts.get("userKey") or texts.get("contactKey"):
        person.keys.add(key)
    if "userKey" in texts and "@" in texts.get("email", "") and texts["userKey"] in person.keys:
        person.addresses |= {address_form(texts["email"])} - person.shared
    both = " ".join(filter(None, [texts.get("givenName"), texts.get("familyName")]))
    person.names |= {
        each for each in (texts.get("fullName"), texts.get("displayName"), both) if _is_name(each) and each
    }
    if HASH.fullmatch(texts.get("fullName", "")):
        person.names.add(texts["fullName"])
