"""The generated data as a `Source`: nothing is kept but a few recently asked boxes."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import TypeVar, overload

from ..objects.keys import read_key
from ..objects.types import Children, Json
from ..workspace.source import BoxSummary
from .boxes import GeneratedBoxes
from .children import GeneratedChildren
from .numbers import Means
from .team import TODAY, GeneratedTeam

T = TypeVar("T")
REMEMBERED = 2_048
"""Boxes that are kept with their children: the calls for one box follow each other closely."""


class Lazy(Sequence[T]):
    """A sequence whose items are made when taken; a slice is a list."""

    def __init__(self, numbers: range, make: Callable[[int], T]) -> None:
        self._numbers = numbers
        self._make = make

    def __len__(self) -> int:
        """Without making anything."""
        return len(self._numbers)

    @overload
    def __getitem__(self, place: int) -> T: ...

    @overload
    def __getitem__(self, place: slice) -> list[T]: ...

    def __getitem__(self, place: int | slice) -> T | list[T]:
        """One item, or a list of those in the slice."""
        if isinstance(place, slice):
            return [self._make(number) for number in self._numbers[place]]
        return self._make(self._numbers[place])


class GeneratedSource:
    """See `Source`."""

    now = TODAY

    def __init__(
        self, boxes: int, seed: int, *, pipelines: int, means: Means, contacts: int, organizations: int
    ) -> None:
        self._team = GeneratedTeam(seed, pipelines=pipelines, contacts=contacts, organizations=organizations)
        self._boxes = GeneratedBoxes(self._team, boxes)
        self._children = GeneratedChildren(self._boxes, means)
        self._places = {each["key"]: place for place, each in enumerate(self._team.pipelines)}
        self._summaries: dict[int, list[BoxSummary]] = {}
        self._recent_boxes: OrderedDict[int, Json] = OrderedDict()
        self._recent_children: OrderedDict[int, Children] = OrderedDict()
        self.team = self._team.team
        self.users: Sequence[Json] = self._team.users
        self.pipelines: Sequence[Json] = self._team.pipelines
        self.snippets: Sequence[Json] = self._team.snippets
        self.webhooks: Sequence[Json] = self._team.webhooks
        self.contacts: Sequence[Json] = Lazy(range(contacts), self._team.contact)
        self.organizations: Sequence[Json] = Lazy(range(organizations), self._team.organization)

    def box_keys(self, pipeline_key: str) -> Sequence[str]:
        """Lazy keys of a pipeline's boxes."""
        return Lazy(self._boxes.numbers(self._places[pipeline_key]), self._boxes.key)

    def summaries(self, pipeline_key: str) -> list[BoxSummary]:
        """A summary of each of them; kept, because counting again after each edit would take a second."""
        place = self._places[pipeline_key]
        if place not in self._summaries:
            self._summaries[place] = [
                self._boxes.summary(number, place) for number in self._boxes.numbers(place)
            ]
        return self._summaries[place]

    def box(self, key: str) -> Json | None:
        """A box, made anew unless it was asked for recently."""
        number = self._number(key, "box", self._boxes.count)
        return None if number is None else self._box(number)

    def _box(self, number: int) -> Json:
        return _remember(self._recent_boxes, number, self._boxes.box)

    def children(self, box: Json) -> Children:
        """The children of a box."""
        parts = read_key(box["key"])
        assert parts is not None
        number = int(parts[2])
        # Made from the source's own box: an edit of the box must not change its children.
        return _remember(self._recent_children, number, lambda each: self._children.of(each, self._box))

    def boxes_of(self, child_key: str) -> list[str]:
        """Read from the child's key."""
        parts = read_key(child_key)
        if not parts or len(parts) != 4 or parts[1] != self._team.account or not parts[2].isdecimal():
            return []
        number = int(parts[2])
        numbers = (number, number + 1) if parts[3] == "shared" else (number,)
        return [self._boxes.key(each) for each in numbers if each < self._boxes.count]

    def contact(self, key: str) -> Json | None:
        """A contact, made anew."""
        number = self._number(key, "contact", self._team.contact_count)
        return None if number is None else self._team.contact(number)

    def organization(self, key: str) -> Json | None:
        """An organization, made anew."""
        number = self._number(key, "org", self._team.organization_count)
        return None if number is None else self._team.organization(number)

    def _number(self, key: str, kind: str, count: int) -> int | None:
        """The number in a key of this kind and account."""
        parts = read_key(key)
        if not parts or len(parts) != 3 or not parts[2].isdecimal():
            return None
        number = int(parts[2])
        right = parts[0] == kind and parts[1] == self._team.account and str(number) == parts[2]
        return number if right and number < count else None


def _remember(recent: OrderedDict[int, T], number: int, make: Callable[[int], T]) -> T:
    """From `recent`, or made and put there in place of the one that has been there longest."""
    found = recent.get(number)
    if found is None:
        found = recent[number] = make(number)
        if len(recent) > REMEMBERED:
            recent.popitem(last=False)
    return found
