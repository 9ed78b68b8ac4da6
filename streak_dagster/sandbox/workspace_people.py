"""Teams, users, contacts, organizations, snippets and webhooks, with all edits."""

from __future__ import annotations

from collections.abc import Sequence

from .collection import only
from .edits_base import EditBase
from .types import Json


class People(EditBase):
    """A part of `Workspace`: all but pipelines and boxes."""

    def teams(self) -> list[Json]:
        """All teams (one)."""
        return [self._source.team]

    def team(self, key: str) -> Json:
        """One team."""
        return only(self.teams(), key)

    def users(self) -> list[Json]:
        """All users of the team, archived ones and agents included; the first one owns the API key."""
        return list(self._all("users"))

    def user(self, key: str) -> Json:
        """One user."""
        return self._one("users", key)

    def contacts(self, team_key: str) -> Sequence[Json]:
        """A team's contacts in their stable order; slices are computed when taken."""
        self.team(team_key)
        return self._all("contacts")

    def contact(self, key: str) -> Json:
        """One contact."""
        return self._one("contacts", key)

    def organizations(self, team_key: str) -> Sequence[Json]:
        """A team's organizations in their stable order; slices are computed when taken."""
        self.team(team_key)
        return self._all("organizations")

    def organization(self, key: str) -> Json:
        """One organization."""
        return self._one("organizations", key)

    def snippets(self) -> list[Json]:
        """The snippets of the key's user."""
        return list(self._all("snippets"))

    def webhooks(self, owner_key: str | None = None) -> list[Json]:
        """Webhooks of a pipeline or a team; without a key those of both."""
        return [
            hook
            for hook in self._source.webhooks
            if owner_key in (None, hook["pipelineKey"], hook["teamKey"])
        ]

    def _all(self, kind: str) -> Sequence[Json]:
        """The objects of a kind; the source's own sequence when there are no edits."""
        base: Sequence[Json] = getattr(self._source, kind)
        return self._overlay.collections.get(kind, base)

    def _one(self, kind: str, key: str) -> Json:
        edited = self._overlay.collections.get(kind)
        found = self._in_source(kind, key)
        if edited is not None:
            found = edited.find(key, found)
        if found is None:
            raise KeyError(key)
        return found

    def _in_source(self, kind: str, key: str) -> Json | None:
        if kind == "contacts":
            return self._source.contact(key)
        if kind == "organizations":
            return self._source.organization(key)
        base: Sequence[Json] = getattr(self._source, kind)
        return next((each for each in base if each["key"] == key), None)
