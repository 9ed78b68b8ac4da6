"""Edits of contacts, organizations, users and snippets."""

from __future__ import annotations

from typing import Any

from .collection import Collection
from .records import new_snippet
from .records_team import new_contact, new_organization
from .types import Json
from .workspace_people import People


class PeopleEdits(People):
    """A part of `Workspace`."""

    def add_contact(self, given: str = "New", family: str | None = "Contact", **properties: Any) -> Json:
        """A new contact at the end of the list."""
        with self._lock:
            key, at = self._peek_key("contact"), self._tick()
            team, user = self._source.team["key"], self._source.users[0]
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
        with self._lock:
            key, at = self._peek_key("org"), self._tick()
            team, user = self._source.team["key"], self._source.users[0]
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
        self._change("users", key, {"lastUpdatedTimestamp": self.now + 1000, **properties})

    def add_snippet(self, name: str = "New snippet", text: str = "Hello") -> Json:
        """A new snippet of the key's user."""
        with self._lock:
            key, at = self._peek_key("snippet"), self._tick()
            return self._add("snippets", new_snippet(key, self._source.users[0], name, text, created=at))

    def update_snippet(self, key: str, **properties: Any) -> None:
        """Set properties of a snippet."""
        self._change("snippets", key, properties)

    def delete_snippet(self, key: str) -> None:
        """Delete a snippet."""
        self._remove("snippets", key)

    def _collection(self, kind: str) -> Collection:
        collections = self._overlay.collections
        if kind not in collections:
            collections[kind] = Collection(getattr(self._source, kind))
        return collections[kind]

    def _add(self, kind: str, thing: Json) -> Json:
        self._collection(kind).add(thing)
        return thing

    def _change(self, kind: str, key: str, properties: Json) -> None:
        with self._lock:
            before, at = self._one(kind, key), self._tick()
            stamps: Json = {name: at for name in ("lastSavedTimestamp", "versionTimestamp") if name in before}
            self._collection(kind).change(key, {**stamps, **properties})

    def _remove(self, kind: str, key: str) -> None:
        with self._lock:
            self._one(kind, key)
            self._tick()
            self._collection(kind).remove(key)
