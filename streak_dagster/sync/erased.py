"""People who were erased: how they are found in whatever Streak sends, and what is kept of it.

Nothing here knows who they are. An address, a key or a name is known by its keyed hash (HMAC-SHA256), so a
text is read for what *looks* like one, and that is compared. Erasing the published rows and leaving the
person out of later answers is one and the same code: a row that was erased and the same row read again are
equal.

What is kept of a value:

* in a text, each address, key and name is replaced by ``[erased]``;
* a text of a list that is nothing but the person's key or address is dropped;
* an object that describes the person (a member of ``IDENTIFYING`` is their key or address) is dropped from a
  list, and becomes ``{"erased": true}`` elsewhere;
* a column that is nothing but their key is empty.
"""

from __future__ import annotations

import hmac
import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from streak_dagster.tables import Table

MARK = "[erased]"
OBJECT = {"erased": True}
ADDRESS, KEY, NAME = "address", "key", "name"
IDENTIFYING = frozenset(
    {"key", "userkey", "contactkey", "email", "emailaddress", "lowercaseemail", "address"}
)
"""Members, in small letters, that say who an object is about; a ``creatorKey`` says who made it."""
ADDRESSES_OF: Mapping[str, tuple[str, ...]] = {
    "contacts": ("email_addresses",),
    "users": ("email", "lowercase_email"),
    "team_members": ("email",),
}
"""The tables whose rows are people, each with the columns of their addresses."""

_AT = re.compile(r"(?P<local>[^\s@<>()\[\],;:\"]+)@(?P<domain>[\w-]+(?:\.[\w-]+)*)")
HASH = re.compile(r"(?<![\w~-])h_[0-9a-f]{24}(?![\w~-])")
"""What ``hashing`` makes of a text."""
_LONG = re.compile(r"(?<![\w~-])[\w~-]{16,500}(?![\w~-])", re.ASCII)
_WORD = re.compile(r"[\w\u0300-\u036f]+")
_LONGEST_GAP = 3
"""Characters that may stand between two words of a name."""
_DROPPED = object()


def address_form(text: str) -> str:
    """An address as it is compared: in any case."""
    return text.strip().lower()


def words_of(text: str) -> list[str]:
    """The words of a name as they are compared: in any case, and however an accent is written."""
    return [_plain(word) for word in _WORD.findall(text)]


def _plain(word: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", word).casefold())


@dataclass(frozen=True)
class Identifier:
    """One thing by which a person is known, as a digest. ``size`` is a key's characters, a name's words."""

    erasure: str
    kind: str
    digest: str
    size: int


@dataclass(frozen=True)
class Erasures:
    """The people who are kept out; ``salt`` is the key of the digests of their ``identifiers``."""

    salt: bytes = field(default=b"", repr=False)
    identifiers: tuple[Identifier, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.identifiers)

    @property
    def ids(self) -> tuple[str, ...]:
        return tuple(sorted({each.erasure for each in self.identifiers}))

    def identify(self, erasure: str, kind: str, text: str) -> Identifier | None:
        """How a text is known from now on; None for a name of one word, which is also anybody else's."""
        if kind == NAME:
            words = words_of(text)
            if len(words) < 2 or len(text.split()) < 2 or "@" in text:
                return None
            return Identifier(erasure, NAME, self.digest(NAME, " ".join(words)), len(words))
        form = address_form(text) if kind == ADDRESS else text
        return Identifier(erasure, kind, self.digest(kind, form), len(form))

    def digest(self, kind: str, form: str) -> str:
        return hmac.digest(self.salt, f"{kind}\0{form}".encode("utf-8", "replace"), "sha256").hex()[:32]

    def known(self, kind: str, text: str) -> str | None:
        """The erasure by which a whole text is somebody's address or key."""
        form = address_form(text) if kind == ADDRESS else text
        sizes = self._sizes.get(kind)
        return self._by_digest.get((kind, self.digest(kind, form))) if sizes and len(form) in sizes else None

    @cached_property
    def _by_digest(self) -> Mapping[tuple[str, str], str]:
        return {(each.kind, each.digest): each.erasure for each in self.identifiers}

    @cached_property
    def _sizes(self) -> Mapping[str, frozenset[int]]:
        kinds = {each.kind for each in self.identifiers}
        return {
            kind: frozenset(each.size for each in self.identifiers if each.kind == kind) for kind in kinds
        }


class Scrubber:
    """Takes the people of ``erasures`` out of values, and notes in ``met`` by which erasure it found any."""

    def __init__(self, erasures: Erasures) -> None:
        self._erasures = erasures
        self._name_sizes = sorted(erasures._sizes.get(NAME, ()), reverse=True)  # noqa: SLF001 - of one module
        self._key_sizes = erasures._sizes.get(KEY, frozenset())  # noqa: SLF001
        self.met: set[str] = set()

    def row(self, table: Table, row: Mapping[str, Any]) -> dict[str, Any] | None:
        """What is kept of a row, by column; None for one that is the person, or only links to them."""
        if self.is_person(table.name, table.primary_key, row):
            return None
        kept = {}
        for name, value in row.items():
            scrubbed = value if name in table.primary_key else self.column(value)
            if scrubbed is not None:
                kept[name] = scrubbed
        return kept

    def is_person(self, table: str, primary_key: Collection[str], row: Mapping[str, Any]) -> bool:
        """Whether a key of the row is the person's, or, in a table of people, an address."""
        texts = [row[name] for name in primary_key if name in row]
        for name in ADDRESSES_OF.get(table, ()):
            value = row.get(name)
            texts += value if isinstance(value, list) else [value]
        theirs = [self._is_theirs(text) for text in texts]  # all of them, to note whom it met
        return any(theirs)

    def column(self, value: Any) -> Any:
        """What is kept of a column's value; None where it is nothing but the person's key."""
        if isinstance(value, str) and self._known(KEY, value):
            return None
        return self.value(value)

    def value(self, value: Any) -> Any:
        """What is kept of a value of any JSON type."""
        if isinstance(value, str):
            return MARK if self._known(KEY, value) else self.text(value)
        if isinstance(value, list):
            kept = [self._member(each) for each in value]
            return [each for each in kept if each is not _DROPPED]
        if isinstance(value, dict):
            if self._describes(value):
                return dict(OBJECT)
            return {
                self.text(name): self.value(each) for name, each in value.items() if not self._is_theirs(name)
            }
        return value

    def _member(self, value: Any) -> Any:
        """What is kept of a member of a list."""
        theirs = self._describes(value) if isinstance(value, dict) else self._is_theirs(value)
        return _DROPPED if theirs else self.value(value)

    def _describes(self, record: Mapping[str, Any]) -> bool:
        found = [self._is_theirs(each) for name, each in record.items() if name.lower() in IDENTIFYING]
        return any(found)

    def _is_theirs(self, value: Any) -> bool:
        return isinstance(value, str) and (self._known(KEY, value) or self._known(ADDRESS, value))

    def _known(self, kind: str, text: str) -> bool:
        erasure = self._erasures.known(kind, text)
        if erasure is not None:
            self.met.add(erasure)
        return erasure is not None

    def text(self, text: str) -> str:
        """The text with ``[erased]`` in place of each address, key and name."""
        places = [*self._addresses(text), *self._keys(text), *self._names(text)]
        if not places:
            return text
        kept, end = [], 0
        for start, stop in sorted(places, key=lambda place: (place[0], -place[1])):
            if start >= end:
                kept += [text[end:start], MARK]
            end = max(end, stop)
        return "".join([*kept, text[end:]])

    def _addresses(self, text: str) -> Iterator[tuple[int, int]]:
        if "@" in text:
            for found in _AT.finditer(text):
                domain = found["domain"].rstrip("-_")
                for start in _starts(found["local"]):
                    address = f"{found['local'][start:]}@{domain}"
                    if self._known(ADDRESS, address):
                        begin = found.start() + start
                        yield begin, begin + len(address)
                        break
        if "h_" in text:
            for found in HASH.finditer(text):
                if self._known(ADDRESS, found.group()):
                    yield found.span()

    def _keys(self, text: str) -> Iterator[tuple[int, int]]:
        if self._key_sizes:
            for found in _LONG.finditer(text):
                if self._known(KEY, found.group()):
                    yield found.span()

    def _names(self, text: str) -> Iterator[tuple[int, int]]:
        if not self._name_sizes or (" " not in text and text.isascii() and text.isalnum()):
            return
        words = list(_WORD.finditer(text))
        if len(words) < self._name_sizes[-1]:
            return
        forms = [_plain(word.group()) for word in words]
        near = [later.start() - earlier.end() <= _LONGEST_GAP for earlier, later in pairwise(words)]
        for size in self._name_sizes:
            for first in range(len(words) - size + 1):
                last = first + size - 1
                if all(near[first:last]):
                    form = " ".join(forms[first : last + 1])
                    erasure = self._erasures._by_digest.get((NAME, self._erasures.digest(NAME, form)))  # noqa: SLF001
                    if erasure is not None:
                        self.met.add(erasure)
                        yield words[first].start(), words[last].end()


def _starts(local: str) -> list[int]:
    """Where, in what stands before an ``@``, an address may begin: behind what is no part of one there."""
    bounds = [0, len(local) - len(local.lstrip("._+-"))]
    bounds += [found.end() for found in re.finditer(r"[^\w.+-]", local)]
    return [start for start in dict.fromkeys(bounds) if start < len(local)]


def scrub_rows(
    erasures: Erasures, table: Table, rows: Iterable[Mapping[str, Any]]
) -> tuple[list[dict[str, Any]], tuple[str, ...]]:
    """The rows of an answer as they are kept, and by which erasures it met somebody."""
    scrubber = Scrubber(erasures)
    kept = [each for row in rows if (each := scrubber.row(table, row)) is not None]
    return kept, tuple(sorted(scrubber.met))
