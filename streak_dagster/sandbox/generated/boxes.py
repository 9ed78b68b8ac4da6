"""One generated box: its own properties, and a summary of them that is cheap enough for counting 100,000."""

from __future__ import annotations

from bisect import bisect_right

from ..objects.boxes import new_box, new_link
from ..objects.keys import make_key
from ..objects.types import DAY, HOUR, Json
from ..objects.users import sharing_entry
from ..workspace.source import BoxSummary
from . import words
from .numbers import Draws, mix, name_number, share
from .team import FOUNDED, TODAY, GeneratedTeam

_STAGE, _CREATED, _UPDATED, _BOX = map(name_number, ("stage", "created", "updated", "box"))


class GeneratedBoxes:
    """Boxes by their number over all pipelines; pipeline p holds the numbers from `firsts[p]` on."""

    def __init__(self, team: GeneratedTeam, count: int) -> None:
        self.team = team
        self.count = count
        filled = len(team.pipelines) - 1  # the last pipeline stays empty
        self.firsts = [count * place // filled for place in range(filled)] + [count, count]

    def numbers(self, place: int) -> range:
        """The boxes of the pipeline at this place."""
        return range(self.firsts[place], self.firsts[place + 1])

    def place(self, number: int) -> int:
        """The pipeline's place of a box."""
        return bisect_right(self.firsts, number) - 1

    def key(self, number: int) -> str:
        """The box's key."""
        return make_key("box", self.team.account, number)

    def summary(self, number: int, place: int) -> BoxSummary:
        """Stage and times. Creation goes up with the number: the order by number is that by creation."""
        seed = self.team.seed
        first, end = self.firsts[place], self.firsts[place + 1]
        step = (TODAY - 30 * DAY - FOUNDED - 400 * DAY) // max(1, end - first)
        created = FOUNDED + 400 * DAY + (number - first) * step + mix(seed, _CREATED, number) % max(1, step)
        # The cube: most boxes were touched last soon after their creation, a few are still moving.
        updated = created + int(share(mix(seed, _UPDATED, number)) ** 3 * (TODAY - created))
        order: list[str] = self.team.pipelines[place]["stageOrder"]
        return BoxSummary(order[mix(seed, _STAGE, number) % len(order)], created, updated)

    def box(self, number: int) -> Json:
        """The box without what is derived from children and clock."""
        team, place = self.team, self.place(number)
        pipeline = team.pipelines[place]
        brief = self.summary(number, place)
        draws = Draws(team.seed, _BOX, number)
        creator = draws.pick(team.users[:4])
        contacts = self._linked(draws, "contact", team.contact_count)
        organizations = self._linked(draws, "org", team.organization_count)
        linked = [self.key(number - 1)] if number > self.firsts[place] and draws.chance(0.05) else []
        return new_box(
            self.key(number),
            pipeline["key"],
            " ".join(map(draws.pick, (words.COMPANY_FIRST, words.COMPANY_LAST, words.SUFFIXES))),
            history=self._history(draws, pipeline["stageOrder"], brief),
            creator=creator,
            updated=brief.updated,
            notes=draws.pick(words.NOTES),
            fields=self._fields(draws, brief, contacts, organizations),
            assigned=draws.some(team.users[:4], 2),
            followers=draws.some(team.users[:4], 3),
            linked=linked,
            emails=[f"person{draws.below(max(1, team.contact_count))}@example.org"]
            if draws.chance(0.4)
            else [],
            contacts=[
                new_link(key, starred=draws.chance(0.3), autoboxed=draws.chance(0.1)) for key in contacts
            ],
            organizations=[new_link(key, starred=draws.chance(0.2)) for key in organizations],
        )

    def _history(self, draws: Draws, order: list[str], brief: BoxSummary) -> list[tuple[str, int]]:
        """From the first stage at the creation to the present one, never after the last change."""
        reached = order.index(brief.stage_key)
        path = [order[0], *(stage for stage in order[1:reached] if draws.chance(0.6))]
        if reached:
            path.append(brief.stage_key)
        gap = (brief.updated - brief.created) // len(path)
        return [(stage, brief.created + step * gap) for step, stage in enumerate(path)]

    def _linked(self, draws: Draws, kind: str, count: int) -> list[str]:
        if not count or draws.chance(0.5):
            return []
        first, people = draws.below(count), 1 + draws.below(2)
        return list(
            dict.fromkeys(make_key(kind, self.team.account, (first + step) % count) for step in range(people))
        )

    def _fields(self, draws: Draws, brief: BoxSummary, contacts: list[str], organizations: list[str]) -> Json:
        """Some of the values: fields that aren't set have no entry."""
        values: Json = {}
        if draws.chance(0.5):
            values["1001"] = draws.pick(words.COMMENTS)
        if draws.chance(0.4):
            values["1002"] = (brief.created // DAY + draws.below(120)) * DAY + 12 * HOUR
        if draws.chance(0.3):
            values["1003"] = draws.chance(0.7)
        if draws.chance(0.5):
            values["1004"] = draws.pick(("9001", "9002", "9003"))
        if draws.chance(0.3):
            values["1005"] = draws.some(("9004", "9005", "9006", "9007"), 3)
        if draws.chance(0.4):
            values["1006"] = [sharing_entry(draws.pick(self.team.users[:4]))]
        if draws.chance(0.6):
            values["1007"] = draws.below(100_000) / 2
        if contacts and draws.chance(0.5):
            values["1008"] = contacts[:1]
        if organizations and draws.chance(0.5):
            values["1009"] = organizations[:1]
        return values
