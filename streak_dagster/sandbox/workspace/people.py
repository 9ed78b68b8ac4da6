"""Teams, users, contacts, organizations, snippets and webhooks as they are after all edits."""

from __future__ import annotations

from collections.abc import Sequence

from ..objects.types import Json, with_key
from .state import WorkspaceState


class People:
    """A part of `Workspace`: all but pipelines and boxes."""

    def __init__(self, state: WorkspaceState) -> None:
        self._state = state

    def teams(self) -> list[Json]:
        """All teams (one)."""
        return [self._state.source.team]

    def team(self, key: str) -> Json:
        """One team."""
        return with_key(self.teams(), key)

    def users(self) -> list[Json]:
        """All users of the team, archived ones and agents included; the first one owns the API key."""
        return list(self._all("users"))

    def user(self, key: str) -> Json:
        """One user."""
        return self.one("users", key)

    def author(self, user_key: str | None) -> Json:
        """Who makes an edit: the user named, or else the first one."""
        return self.users()[0] if user_key is None else self.user(user_key)

    def contacts(self, team_key: str) -> Sequence[Json]:
        """A team's contacts in their stable order; slices are computed when taken."""
        self.team(team_key)
        return self._all("contacts")

    def contact(self, key: str) -> Json:
        """One contact."""
        return self.one("contacts", key)

    def organizations(self, team_key: str) -> Sequence[Json]:
        """A team's organizations in their stable order; slices are computed when taken."""
        self.team(team_key)
        return self._all("organizations")

    def organization(self, key: str) -> Json:
        """One organization."""
        return self.one("organizations", key)

    def snippets(self) -> list[Json]:
        """The snippets of the key's user."""
        return list(self._all("snippets"))

    def webhooks(self, owner_key: str | None = None) -> list[Json]:
        """Webhooks of a pipeline or a team; without a key those of both."""
        return [
            hook
            for hook in self._state.source.webhooks
            if owner_key in (None, hook["pipelineKey"], hook["teamKey"])
        ]

    def one(self, kind: str, key: str) -> Json:
        """One user, contact, organization or snippet; `kind` is the plural."""
        found = self._in_source(kind, key)
        edited = self._state.overlay.collections.get(kind)
        if edited is not None:
            found = edited.find(key, found)
        if found is None:
            raise KeyError(key)
        return found

    def _all(self, kind: str) -> Sequence[Json]:
        """The objects of a kind; the source's own sequence when there are no edits."""
        base: Sequence[Json] = getattr(self._state.source, kind)
        return self._state.overlay.collections.get(kind, base)

    def _in_source(self, kind: str, key: str) -> Json | None:
        source = self._state.source
        if kind == "contacts":
            return source.contact(key)
        if kind == "organizations":
            return source.organization(key)
        base: Sequence[Json] = getattr(source, kind)
        return next((each for each in base if each["key"] == key), None)
