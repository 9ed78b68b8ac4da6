"""One page of a table's list; and whether it is the list that fails, or its parent that is gone."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING
from urllib.parse import quote

from streak_dagster.api.envelopes import Page, read_page
from streak_dagster.errors import ABOUT_ONE_OBJECT, ObjectUnavailableError, PermanentError
from streak_dagster.sync.confirm import fetch_one
from streak_dagster.sync.refusal import refused_list
from streak_dagster.tables import TEAMS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streak_dagster.api.client import StreakClient
    from streak_dagster.api.paginators import Params
    from streak_dagster.api.usage import Answer
    from streak_dagster.errors import ApiError
    from streak_dagster.sync.projection import Row
    from streak_dagster.tables import Endpoint, Table


class ParentGoneError(Exception):
    """The parent was asked for by its key and isn't there; the text is what its list was answered with."""


class Listing:
    """Asks for pages of the lists of ``table``."""

    def __init__(self, table: Table, client: StreakClient) -> None:
        if table.endpoint is None:
            raise ValueError(f"{table.name} has no endpoint to walk")
        self._table = table
        self.endpoint: Endpoint = table.endpoint
        self._client = client

    def prepare(self) -> None:
        """Before an optional list: see that the key works, so that a 401 can be told from a refused key.

        Costs a call where this client made none before. Raises the ApiError that no list can be read for.
        """
        if self._table.optional and not self._client.key_works:
            try:
                self._client.confirm_key()
            except ObjectUnavailableError as error:
                raise refused_list(self._client, TEAMS, error) from None

    def subject(self, parent: str) -> str:
        """What the list of a parent is called in messages; a list of the account has an empty parent."""
        return f"{self._table.name} of {self._table.parent_row.one} {parent}" if parent else self._table.name

    def page(self, parent: str, params: Params) -> Answer[Page]:
        """One page. Raises the ApiError that Streak's answer stands for."""
        subject = self.subject(parent)
        return self._client.get(
            self.endpoint.path.format(parent=quote(parent, safe="")),
            {**dict(self.endpoint.params), **params},
            subject=subject,
            read=lambda body: read_page(body, subject, keys=self._table.key_names),
        )

    def asked_since(self, since: int | None) -> Params:
        """What every page of a list is asked by to leave out what was saved before (seconds since 1970)."""
        by = self.endpoint.changed_since
        return {by.parameter: since} if by and since is not None else {}

    def saved_until(self, rows: Sequence[Row], received_at: int) -> int | None:
        """When, of an answer's rows, the one was saved that was saved last (ms); None where none says so.

        A time after the answer came (by our clock) isn't believed: what is saved until then would be missed.
        """
        by = self.endpoint.changed_since
        saved = [row.get(by.column) for row in rows] if by else []
        return max((at for at in saved if at is not None and at <= received_at), default=None)

    def fetch(self, parent: str, params: Params) -> Answer[Page]:
        """One page, and where it fails, what of: ParentGoneError where Streak hasn't the parent any more.

        A parent whose optional list is refused isn't asked for: it was listed just now.
        """
        try:
            return self.page(parent, params)
        except PermanentError as error:
            if self._table.parent is None and isinstance(error, ABOUT_ONE_OBJECT):
                raise refused_list(self._client, self._table, error) from None
            if isinstance(error, ObjectUnavailableError):
                if not self._table.optional:
                    self._refuse_if_gone(parent, error)
                elif error.status in (401, 403):
                    self._client.confirm_key()
            raise

    def _refuse_if_gone(self, parent: str, error: ObjectUnavailableError) -> None:
        """Ask for the parent itself: only that shows whether it is gone or can't be read.

        Of refused lists, one at a time finds that out: where it is the key, the others needn't ask.
        """
        alone = self._client.about_refusals if error.status in (401, 403) else nullcontext()
        try:
            with alone:
                fetch_one(self._client, self._parents, parent)
        except ObjectUnavailableError as refusal:
            if not self._table.is_planned and refusal.status in (401, 403):
                return  # it was listed just now, so it is there, but no longer for this key
            raise ParentGoneError(str(error)) from error

    def confirm_others_answer(self, last_failure: ApiError) -> None:
        """Find out whether it is the last parents that can't be read, or Streak that is down. One call.

        Raises the ``last_failure`` where the list of the parents isn't answered either.
        """
        parents, many = self._parents, self._table.parent_row.many
        assert parents.endpoint is not None, "parents that are few have a list of their own"
        try:
            self._client.get(parents.endpoint.path, subject=many, read=lambda body: read_page(body, many))
        except ABOUT_ONE_OBJECT:
            raise last_failure from None

    @property
    def _parents(self) -> Table:
        assert self._table.parent is not None, "a list of the account has no parents"
        return self._table.parent
