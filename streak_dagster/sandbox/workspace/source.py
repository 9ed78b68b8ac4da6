"""Where a workspace's objects come from before anybody edits them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple, Protocol

from ..objects.types import Children, Json


class BoxSummary(NamedTuple):
    """What listing, sorting and counting need of a box, cheap enough to take of 100,000 boxes."""

    stage_key: str
    created: int
    updated: int


class Source(Protocol):
    """Unchanging data: the hand-made sample or the generator. Everything is canonical (see `objects/`).

    Boxes come without what `counters.py` derives, pipelines without counts. The objects may be shared: copy
    before changing.
    """

    @property
    def now(self) -> int:
        """The fixed moment (epoch ms) at which the data was "today"."""

    @property
    def team(self) -> Json:
        """The one team."""

    @property
    def users(self) -> Sequence[Json]:
        """All users of the team; the first one is whom the key belongs to."""

    @property
    def pipelines(self) -> Sequence[Json]:
        """All pipelines."""

    @property
    def contacts(self) -> Sequence[Json]:
        """All contacts, in the order of their keys' creation; may be lazy."""

    @property
    def organizations(self) -> Sequence[Json]:
        """All organizations; may be lazy."""

    @property
    def snippets(self) -> Sequence[Json]:
        """The snippets of the key's user."""

    @property
    def webhooks(self) -> Sequence[Json]:
        """Webhooks of the pipelines and of the team."""

    def box_keys(self, pipeline_key: str) -> Sequence[str]:
        """Keys of a pipeline's boxes, oldest first; may be lazy: a slice costs only the slice."""

    def summaries(self, pipeline_key: str) -> Iterable[BoxSummary]:
        """One for each of `box_keys`, in the same order."""

    def box(self, key: str) -> Json | None:
        """A box, or None."""

    def children(self, box: Json) -> Children:
        """The children of a box of this source. A thread in several boxes is among each one's."""

    def boxes_of(self, child_key: str) -> Sequence[str]:
        """Keys of the boxes that a child may hang on (several only for threads); empty when there is none."""

    def contact(self, key: str) -> Json | None:
        """A contact, or None."""

    def organization(self, key: str) -> Json | None:
        """An organization, or None."""
