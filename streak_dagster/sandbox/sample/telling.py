"""The words in which the sample is told: handles instead of keys, "2026-01-14 09:30" instead of ms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any

from ..objects.keys import make_key

ACCOUNT = "sample"


def ms(when: str) -> int:
    """Epoch ms of "2026-01-14 09:30" or "2026-01-14" (UTC)."""
    return int(datetime.fromisoformat(when).replace(tzinfo=timezone.utc).timestamp() * 1000)


def key(kind: str, handle: str) -> str:
    """The key of an object of the sample."""
    return make_key(kind, ACCOUNT, handle)


@dataclass(frozen=True)
class Comment:
    """`reply_to` is the place of an earlier comment of the same box; `reactions` maps emoji to handles."""

    who: str
    when: str
    text: str
    mentions: Sequence[str] = ()
    reply_to: int | None = None
    reactions: Mapping[str, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Task:
    """`to` are the assignees' handles; `action` is (type, value, contact's handle); `meeting` a place."""

    who: str
    when: str
    text: str
    to: Sequence[str] = ()
    due: str | None = None
    done: str | None = None
    reminder: str | None = None
    action: tuple[str, str, str] | None = None
    meeting: int | None = None
    draft: bool = False


@dataclass(frozen=True)
class Talk:
    """A call log, or with `notes=True` meeting notes. `minutes` None: the duration wasn't noted."""

    who: str
    when: str
    text: str
    minutes: int | None = None
    notes: bool = False
    draft: bool = False


@dataclass(frozen=True)
class Mail:
    """A thread: `mails` are (handle of a user or contact, when).

    `also_in` names other boxes that it is in.
    """

    handle: str
    subject: str
    mails: Sequence[tuple[str, str]]
    also_in: Sequence[str] = ()


@dataclass(frozen=True)
class Paper:
    """A file."""

    who: str
    when: str
    name: str
    mime: str
    size: int


@dataclass(frozen=True)
class Deal:
    """One box. `stages` is its path: (stage's name, when), oldest first. `fields` goes by field names.

    Field values are written as a person would: option names, handles of people, contacts and organizations,
    dates.
    """

    handle: str
    name: str
    stages: Sequence[tuple[str, str]]
    owner: str
    notes: str = ""
    assigned: Sequence[str] = ()
    followers: Sequence[str] = ()
    fields: Mapping[str, Any] = field(default_factory=dict)
    contacts: Sequence[str] = ()
    organizations: Sequence[str] = ()
    linked: Sequence[str] = ()
    updated: str | None = None
    comments: Sequence[Comment] = ()
    tasks: Sequence[Task] = ()
    talks: Sequence[Talk] = ()
    mails: Sequence[Mail] = ()
    papers: Sequence[Paper] = ()
