"""Edits of contacts, organizations, users and snippets."""

from __future__ import annotations

from typing import Any

from ..objects.contacts import new_contact, new_organization
from ..objects.team import new_snippet
from ..objects.types import Json
from .collection import Collection
from .people import People
from .state import WorkspaceState


class PeopleEdits:
    """A part of `Workspace`. Unknown keys raise `KeyError`."""

    def __init__(self, state: WorkspaceState, people: People) -> None:
        self._state = state
        self._people = people

    def add_contact(self, given: str = "New", family: str | None = "Contact", **properties: Any) -> Json:
        """A new contact at the end of the list."""
        with self._state.lock:
            key, team, user, at = self._begin("contact")
            made = new_contact(key, team, user, at, given=given, family=family)
            return self._add("contacts", {**made, **properties})

    def update_contact(self, key: str, **properties: Any) -> None:
        """Set properties of a contact."""
        self._change("contacts", key, properties)

    def delete_contact(self, key: str) -> None:
        """Delete a contact. Boxes and organizations go on pointing to it, as they may for a while."""
        self._remove("contacts", key)

    def add_organization(self, name: str = "New organization", **properties: Any) -> Json:
        """A new organization at the end of the list."""
        with self._state.lock:
            key, team, user, at = self._begin("org")
            return self._add(
                "organizations", {**new_organization(key, team, user, at, name=name), **properties}
            )

    def update_organization(self, key: str, **properties: Any) -> None:
        """Set properties of an organization."""
        self._change("organizations", key, properties)

    def delete_organization(self, key: str) -> None:
        """Delete an organization. Boxes and contacts go on pointing to it, as they may for a while."""
        self._remove("organizations", key)

    def update_user(self, key: str, **properties: Any) -> None:
        """Set properties of a user; copies of them on other objects stay as they are."""
        self._change("users", key, {"lastUpdatedTimestamp": self._state.now + 1000, **properties})

    def add_snippet(self, name: str = "New snippet", text: str = "Hello") -> Json:
        """A new snippet of the key's user."""
        with self._state.lock:
            key, _, user, at = self._begin("snippet")
            return self._add("snippets", new_snippet(key, user, name, text, created=at))

    def update_snippet(self, key: str, **properties: Any) -> None:
        """Set properties of a snippet."""
        self._change("snippets", key, properties)

    def delete_snippet(self, key: str) -> None:
        """Delete a snippet."""
        self._remove("snippets", key)

    def _begin(self, kind: str) -> tuple[str, str, Json, int]:
        """Of a new object: its key, its team's key, its creator, and the time."""
        key, at = self._state.new_key(kind), self._state.tick()
        return key, self._state.source.team["key"], self._state.source.users[0], at

    def _collection(self, kind: str) -> Collection:
        collections = self._state.overlay.collections
        if kind not in collections:
            collections[kind] = Collection(getattr(self._state.source, kind))
        return collections[kind]

    def _add(self, kind: str, thing: Json) -> Json:
        self._collection(kind).add(thing)
        return thing

    def _change(self, kind: str, key: str, properties: Json) -> None:
        with self._state.lock:
            before, at = self._people.one(kind, key), self._state.tick()
            stamps: Json = {name: at for name in ("lastSavedTimestamp", "versionTimestamp") if name in before}
            self._collection(kind).change(key, {**stamps, **properties})

    def _remove(self, kind: str, key: str) -> None:
        with self._state.lock:
            self._people.one(kind, key)
            self._state.tick()
            self._collection(kind).remove(key)
