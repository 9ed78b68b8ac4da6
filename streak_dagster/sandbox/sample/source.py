"""The sample as a `Source`: everything in dictionaries, made once an instance."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..objects.types import CHILD_KINDS, Children, Json
from ..workspace.source import BoxSummary
from . import people
from .builder import Builder
from .hiring import HIRING_DEALS
from .pipelines import HIRING, PARTNERSHIPS, SALES, SUPPORT
from .sales import BIG_HOUSES
from .sales_small import SMALL_HOUSES
from .support import SUPPORT_DEALS
from .telling import Deal, key

_DEALS: list[tuple[Json, list[Deal]]] = [
    (SALES, [*BIG_HOUSES, *SMALL_HOUSES]),
    (HIRING, HIRING_DEALS),
    (SUPPORT, SUPPORT_DEALS),
]


class SampleSource:
    """See `Source`."""

    now = people.TODAY
    team = people.TEAM_OBJECT

    def __init__(self) -> None:
        self.users: Sequence[Json] = list(people.USERS.values())
        self.pipelines: Sequence[Json] = [SALES, HIRING, SUPPORT, PARTNERSHIPS]
        self.contacts: Sequence[Json] = list(people.CONTACTS.values())
        self.organizations: Sequence[Json] = sorted(
            people.ORGANIZATIONS.values(), key=lambda each: str(each["key"])
        )
        self.snippets: Sequence[Json] = people.snippets(SALES["key"])
        self.webhooks: Sequence[Json] = people.webhooks(SALES["key"])
        self._builder = Builder(people.USERS, people.CONTACTS, people.ORGANIZATIONS)
        self._boxes = {
            box["key"]: box
            for pipeline, deals in _DEALS
            for box in (self._builder.box(deal, pipeline) for deal in deals)
        }
        self._children = self._build_children()
        self._homes: dict[str, list[str]] = {}
        for box_key, children in self._children.items():
            for kind in CHILD_KINDS:
                for child in getattr(children, kind):
                    self._homes.setdefault(child["key"], []).append(box_key)

    def _build_children(self) -> dict[str, Children]:
        threads: dict[str, list[Json]] = {box_key: [] for box_key in self._boxes}
        deals = [deal for _, some in _DEALS for deal in some]
        for deal in deals:
            for mail in deal.mails:
                boxes = [self._boxes[key("box", handle)] for handle in (deal.handle, *mail.also_in)]
                thread = self._builder.thread(deal, mail, boxes)
                for box in boxes:
                    threads[box["key"]].append(thread)
        made = {}
        for deal in deals:
            box = self._boxes[key("box", deal.handle)]
            made[box["key"]] = self._builder.children(deal, box, threads[box["key"]])
        return made

    def box_keys(self, pipeline_key: str) -> Sequence[str]:
        """By creation."""
        boxes = [box for box in self._boxes.values() if box["pipelineKey"] == pipeline_key]
        return [box["key"] for box in sorted(boxes, key=lambda box: int(box["creationTimestamp"]))]

    def summaries(self, pipeline_key: str) -> Iterator[BoxSummary]:
        """One for each of `box_keys`."""
        for box in map(self._boxes.__getitem__, self.box_keys(pipeline_key)):
            yield BoxSummary(box["stageKey"], box["creationTimestamp"], box["lastUpdatedTimestamp"])

    def box(self, key: str) -> Json | None:
        """A box, or None."""
        return self._boxes.get(key)

    def children(self, box: Json) -> Children:
        """The children of a box."""
        return self._children[box["key"]]

    def boxes_of(self, child_key: str) -> Sequence[str]:
        """Boxes of a child."""
        return self._homes.get(child_key, ())

    def contact(self, key: str) -> Json | None:
        """A contact, or None."""
        return next((each for each in self.contacts if each["key"] == key), None)

    def organization(self, key: str) -> Json | None:
        """An organization, or None."""
        return next((each for each in self.organizations if each["key"] == key), None)
