"""How the value of a custom field reads, in plain Python: what ``box_field_values`` must say of it."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any

from streak_dagster.api.flags import read_flag
from streak_dagster.tables.limits import EARLIEST_MS, LATEST_MS, MAX_INTEGER
from streak_dagster_tests.support.typed_numbers import read_number

Sent = dict[str, Any]
_KEYS = ("userKey", "key", "contactKey", "organizationKey", "email", "name", "tag")
_NAMES = ("displayName", "fullName", "name", "tag")
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


@dataclass(frozen=True)
class Known:
    """Names by key: ``names`` of people (also by address), contacts and organizations, by type of field.

    ``removed`` are the last known names of options that no longer exist, by pipeline and field.
    """

    names: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    removed: Mapping[tuple[str, str], Mapping[str, str]] = field(default_factory=dict)


def decoded(definition: Sent | None, value: Any, known: Known, pipeline: str = "") -> Sent:
    """The columns of a value that isn't null, by their declared names; those that are NULL are left out."""
    kind: str | None = (definition or {}).get("type")
    labels = _labels(definition or {}, value, known, pipeline)
    told = {
        "fieldName": (definition or {}).get("name"),
        "fieldType": kind,
        "value": value,
        "valueText": ", ".join(labels or ()) or _text(value),
        "valueNumber": _number(kind, value),
        "valueTimestamp": _moment(value) if kind == "DATE" else None,
        "valueBoolean": _flag(kind, value),
        "valueLabels": labels,
    }
    return {name: each for name, each in told.items() if each is not None}


def _text(value: Any) -> Any:
    if isinstance(value, str):
        return value
    return None if isinstance(value, dict | list) or value is None else json.dumps(value)


def _number(kind: str | None, value: Any) -> float | None:
    if kind == "TEXT_INPUT" and isinstance(value, str):
        return read_number(value)
    if kind not in ("TEXT_INPUT", "FORMULA") or isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if math.isfinite(value) else None


def _flag(kind: str | None, value: Any) -> bool | None:
    if kind == "CHECKBOX":
        return read_flag(value)
    return value if kind == "FORMULA" and isinstance(value, bool) else None


def _moment(value: Any) -> int | None:
    if isinstance(value, str):
        digits = value.strip()
        if digits.isascii() and digits.removeprefix("-").isdigit():
            value = int(digits)
        else:
            try:
                moment = datetime.fromisoformat(value.replace("Z", "+00:00"))
            except ValueError:
                return None
            utc = moment.replace(tzinfo=moment.tzinfo or timezone.utc)
            value = (utc - _EPOCH) // timedelta(milliseconds=1)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > MAX_INTEGER:
        return None
    return value if EARLIEST_MS <= value <= LATEST_MS else None


def _labels(definition: Sent, value: Any, known: Known, pipeline: str) -> list[str] | None:
    kind = definition.get("type")
    members = value if isinstance(value, list) else [value]
    if kind == "FORMULA":
        plain = isinstance(value, list) and not any(isinstance(each, dict | list) for each in value)
        return [_text(each) for each in value if each is not None] if plain else None
    if kind in ("DROPDOWN", "TAG"):
        removed = known.removed.get((pipeline, definition["key"]), {})
        found = [_option(definition, removed, each) for each in members]
    elif kind in ("PERSON", "TEAM_CONTACT", "TEAM_ORGANIZATION"):
        found = [_named(known.names.get(kind, {}), each) for each in members]
    else:
        return None
    return [each for each in found if each is not None]


def _code(member: Any) -> str | None:
    if isinstance(member, dict):
        return next(filter(None, (_stripped(member.get(name)) for name in _KEYS)), None)
    return _stripped(member)


def _own_name(member: Any) -> str | None:
    if not isinstance(member, dict):
        return None
    told = next(filter(None, (_stripped(member.get(name)) for name in _NAMES)), None)
    given = [_stripped(member.get(name)) for name in ("givenName", "familyName")]
    mails = member.get("emailAddresses")
    first = mails[0] if isinstance(mails, list) and mails else None
    full = " ".join(filter(None, given))
    return told or full or _stripped(member.get("email")) or _stripped(first)


def _stripped(value: Any) -> str | None:
    return (_text(value) or "").strip(" ") or None


def _named(names: Mapping[str, str], member: Any) -> str | None:
    code = _code(member)
    return names.get(code or "") or _own_name(member) or code


def _option(definition: Sent, removed: Mapping[str, str], member: Any) -> str | None:
    code, own = _code(member) or "", _own_name(member)
    items = (definition.get("dropdownSettings") or {}).get("items")
    tags = (definition.get("tagSettings") or {}).get("tags")
    listed = [*(items or []), *(tags or [])]
    present = {each["key"]: each.get("name") or each.get("tag") for each in listed}
    if code in present:
        return present[code] or code
    if code in removed:
        return f"{removed[code]} (removed)"
    if code in present.values():
        return code
    if code in removed.values():
        return f"{code} (removed)"
    told = own or code
    if not told:
        return None
    return f"{told} (removed)" if items is not None or tags is not None else told
