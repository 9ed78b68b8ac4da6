"""Personal data as keyed hashes: the same value has the same hash wherever it is, and nobody reads it back.

A text becomes ``h_`` and 24 hexadecimal digits of its HMAC-SHA256. Of a list or an object, the structure
stays: names of members, numbers, yes and no, keys, and the words of Streak's own that ``WORDS`` names. Every
other text in it becomes a hash. Without the key of the hashes, none can be made for a value that one guesses.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

RULES = 1
"""Counts up when a value would get another hash than before, or when another one would stay as it is."""
WORDS = frozenset(
    {
        *("role", "inviteStatus", "emailSharing", "userType", "permissionSetName", "visibility"),
        *("type", "status", "reminderStatus", "meetingType", "autoboxingSource", "source"),
    }
)
"""Members whose documented values are words of Streak's own, such as Owner or FOLLOW_UP."""
_WORD = re.compile(r"\w{1,60}", re.ASCII)
_ADDRESS = re.compile(r"[^\s@<>()\[\],;:\"']+@[^\s@<>()\[\],;:\"']+")
_KEY_NAME = re.compile(r"keys?|.*_keys?|.*_KEYS?|.*[a-z0-9]Keys?(?:Set)?")
_KEY = re.compile(r"[\w~-]{1,500}", re.ASCII)
_LONG_KEY = re.compile(r"[\w~-]{16,500}", re.ASCII)
_OPTION = re.compile(r"9[0-9]{3,}")
"""Streak calls the options of a field 9001, 9002 and so on (section 1 of the API notes)."""
_NAME = re.compile(r"[\w~$.-]{1,100}", re.ASCII)


@dataclass(frozen=True)
class FieldDefinition:
    """What a custom field takes: its ``type`` in Streak's words, and the keys of its ``options``."""

    type: str
    options: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Hasher:
    """Makes the hashes of one ``key``, which it never shows."""

    key: bytes = field(repr=False)

    @cached_property
    def id(self) -> str:
        """Tells two keys apart, and says nothing else of them."""
        return hmac.new(self.key, b"streak-dagster: which key", hashlib.sha256).hexdigest()[:16]

    def text(self, value: str) -> str:
        """The hash of a text. E-mail addresses are the same in any case; what is empty stays empty."""
        plain = value.strip()
        if not plain:
            return value
        alike = plain.lower() if _ADDRESS.fullmatch(plain) else value
        return "h_" + hmac.new(self.key, alike.encode(), hashlib.sha256).hexdigest()[:24]

    def without_addresses(self, value: Any) -> Any:
        """A value that isn't personal: as it is, but with a hash for each e-mail address in its texts."""
        if isinstance(value, str):
            return _ADDRESS.sub(lambda found: self.text(found.group()), value) if "@" in value else value
        if isinstance(value, list):
            return [self.without_addresses(each) for each in value]
        if isinstance(value, dict):
            return {name: self.without_addresses(each) for name, each in self.named(value).items()}
        return value

    def nested(self, value: Any) -> Any:
        """A personal value of any JSON type."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, list):
            return [self.nested(each) for each in value]
        if isinstance(value, dict):
            return {name: self.member(name, each) for name, each in self.named(value).items()}
        return value

    def member(self, name: str, value: Any) -> Any:
        """What an object holds under a name."""
        if _KEY_NAME.fullmatch(name):
            return self._but(value, _KEY)
        if name in WORDS and isinstance(value, str) and _WORD.fullmatch(value):
            return value
        return self.nested(value)

    def field_value(self, definition: FieldDefinition | None, value: Any) -> Any:
        """The value of a custom field. Of a field that nobody defined, every text is taken for typed."""
        kind = definition.type if definition else ""
        if definition and kind in ("DROPDOWN", "TAG"):
            return self._but(value, _OPTION, definition.options)
        if kind in ("PERSON", "TEAM_CONTACT", "TEAM_ORGANIZATION"):
            return self._but(value, _LONG_KEY)
        return self.nested(value)

    def _but(self, value: Any, kept: re.Pattern[str], also: frozenset[str] = frozenset()) -> Any:
        """A personal value, or a list of such, in which keys stay as they are."""
        if isinstance(value, str):
            return value if kept.fullmatch(value) or value in also else self.text(value)
        if isinstance(value, list):
            return [self._but(each, kept, also) for each in value]
        return self.nested(value)

    def named(self, value: Mapping[str, Any]) -> dict[str, Any]:
        """An object with the names of its members, which stay unless one is an address or a sentence."""
        return {name if _NAME.fullmatch(name) else self.text(name): each for name, each in value.items()}


def read_definitions(value: Any) -> dict[str, FieldDefinition]:
    """The custom fields that a pipeline or a team defines, by their keys, in any form that was seen.

    A list of definitions, an object of them, or such an object under ``fields``. What is none is left out.
    """
    if isinstance(value, Mapping) and isinstance(value.get("fields"), Mapping | list):
        value = value["fields"]
    if isinstance(value, Mapping):
        value = [{"key": key, **each} for key, each in value.items() if isinstance(each, Mapping)]
    found = {}
    for each in value if isinstance(value, list) else ():
        if isinstance(each, Mapping) and isinstance(each.get("key"), str):
            found[each["key"]] = FieldDefinition(str(each.get("type") or ""), _options(each))
    return found


def _options(definition: Mapping[str, Any]) -> frozenset[str]:
    """The keys of a field's options: ``dropdownSettings.items`` or ``tagSettings.tags``."""
    lists = [
        settings.get(members)
        for name, members in (("dropdownSettings", "items"), ("tagSettings", "tags"))
        if isinstance(settings := definition.get(name), Mapping)
    ]
    options = [each for members in lists if isinstance(members, list) for each in members]
    return frozenset(
        each["key"] for each in options if isinstance(each, Mapping) and isinstance(each.get("key"), str)
    )
