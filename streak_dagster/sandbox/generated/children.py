"""The children of a generated box: mostly none, now and then many."""

from __future__ import annotations

from collections.abc import Callable

from ..objects.children import new_comment, new_file, new_meeting, new_reaction, new_task, new_thread
from ..objects.keys import make_key
from ..objects.types import DAY, HOUR, NO_CHILDREN, Children, Json
from . import words
from .boxes import GeneratedBoxes
from .numbers import Draws, Means, mix, name_number, share
from .team import TODAY

_QUIET, _SHARED, _CHILDREN, _THREAD = map(name_number, ("quiet", "shared", "children", "thread"))
SHARED_THREADS = 0.02
"""Share of boxes that have a thread which is in the next box too."""


class GeneratedChildren:
    """Children by the number of their box. Their keys end in the box's number and their own."""

    def __init__(self, boxes: GeneratedBoxes, means: Means) -> None:
        self.boxes = boxes
        self.means = means
        self.team = boxes.team

    def of(self, number: int, get_box: Callable[[int], Json]) -> Children:
        """Everything on a box; `get_box` makes boxes by number (most are quiet and aren't asked for)."""
        shared = [first for first in (number - 1, number) if self.shares(first)]
        quiet = share(mix(self.team.seed, _QUIET, number)) < self.means.quiet
        if quiet and not shared:
            return NO_CHILDREN
        threads = [self._shared_thread(first, get_box) for first in shared]
        if quiet:
            return Children(threads=threads)
        box = get_box(number)
        draws = Draws(self.team.seed, _CHILDREN, number)
        busy, means = self.means.busy, self.means
        meetings = [self._meeting(draws, number, n, box) for n in range(draws.count(busy(means.meetings)))]
        files = [self._file(draws, number, n, box) for n in range(draws.count(busy(means.files)))]
        own = range(draws.count(busy(means.threads)))
        threads += [self._thread(self._key("thread", number, n), [box], number, n) for n in own]
        tasks = [self._task(draws, number, n, box) for n in range(draws.count(busy(means.tasks)))]
        if tasks and meetings:
            meetings[0]["taskKeys"] = [tasks[0]["key"]]
            tasks[0]["meetingKey"] = meetings[0]["key"]
        comments = self._comments(draws, number, box, draws.count(busy(means.comments)))
        return Children(
            comments, sorted(tasks, key=lambda task: int(task["creationDate"])), meetings, threads, files
        )

    def shares(self, number: int) -> bool:
        """Whether the box has a thread in common with the next one (of the same pipeline)."""
        if not 0 <= number < self.boxes.count - 1 or self.means.threads == 0:
            return False
        if share(mix(self.team.seed, _SHARED, number)) >= SHARED_THREADS:
            return False
        return self.boxes.place(number) == self.boxes.place(number + 1)

    def _shared_thread(self, number: int, get_box: Callable[[int], Json]) -> Json:
        """The thread that box `number` shares with the next one."""
        boxes = [get_box(number), get_box(number + 1)]
        return self._thread(self._key("thread", number, "shared"), boxes, number, -1)

    def _key(self, kind: str, number: int, own: object) -> str:
        return make_key(kind, self.team.account, number, own)

    def _when(self, draws: Draws, box: Json) -> int:
        created: int = box["creationTimestamp"]
        return created + int(draws.fraction() ** 2 * (TODAY - created - DAY))

    def _comments(self, draws: Draws, number: int, box: Json, count: int) -> list[Json]:
        times = sorted(self._when(draws, box) for _ in range(count))
        comments: list[Json] = []
        for n, at in enumerate(times):
            user = draws.pick(self.team.users[:4])
            parent = draws.pick(comments) if comments and draws.chance(0.25) else None
            mentioned = draws.pick(self.team.users[:4]) if draws.chance(0.2) else None
            text = draws.pick(words.COMMENTS) + (f" @{mentioned['displayName']}" if mentioned else "")
            comment = new_comment(
                self._key("comment", number, n),
                box,
                user,
                at,
                text,
                mentions=[mentioned] if mentioned else [],
                parent=parent["key"] if parent else None,
            )
            if parent:
                parent["children"] = [*(parent["children"] or []), comment["key"]]
            if draws.chance(0.2):
                comment["reactionSummary"] = [
                    new_reaction("👍", draws.some(self.team.users[:4], 2) or [user])
                ]
            comments.append(comment)
        return comments

    def _task(self, draws: Draws, number: int, n: int, box: Json) -> Json:
        at = self._when(draws, box)
        due = at + draws.between(1, 60) * DAY if draws.chance(0.7) else None
        done = min(at + draws.between(1, 40) * DAY, TODAY) if draws.chance(0.6) else None
        return new_task(
            self._key("task", number, n),
            box,
            draws.pick(self.team.users[:4]),
            at,
            draws.pick(words.TASKS),
            due=due,
            done=done,
            assigned=draws.some(self.team.users[:4], 2),
        )

    def _meeting(self, draws: Draws, number: int, n: int, box: Json) -> Json:
        kind = "CALL_LOG" if draws.chance(0.6) else "MEETING_NOTES"
        notes = draws.pick(words.CALL_NOTES if kind == "CALL_LOG" else words.MEETING_NOTES)
        minutes = draws.between(1, 90) if draws.chance(0.8) else None
        return new_meeting(
            self._key("meeting", number, n),
            box,
            draws.pick(self.team.users[:4]),
            self._when(draws, box),
            notes,
            minutes=minutes,
            kind=kind,
        )

    def _file(self, draws: Draws, number: int, n: int, box: Json) -> Json:
        name, mime = draws.pick(words.FILES)
        return new_file(
            self._key("file", number, n),
            box,
            draws.pick(self.team.users[:4]),
            self._when(draws, box),
            name=name,
            mime=mime,
            size=draws.between(200, 9_000_000),
        )

    def _thread(self, key: str, boxes: list[Json], number: int, n: int) -> Json:
        draws = Draws(self.team.seed, _THREAD, number, n + 1)
        user = draws.pick(self.team.users[:4])
        other = (f"person{draws.below(max(1, self.team.contact_count))}@example.org", draws.pick(words.GIVEN))
        people = [(user["email"], user["displayName"]), other]
        start = self._when(draws, boxes[0])
        count = 1 + draws.count(2)
        first = draws.below(2)
        mails = [
            (people[(first + step) % 2][0], min(start + step * 5 * HOUR, TODAY)) for step in range(count)
        ]
        gmail_id = f"{mix(self.team.seed, _THREAD, number, n + 2):016x}"
        return new_thread(
            key, boxes, user, draws.pick(words.SUBJECTS), mails, people=people, gmail_id=gmail_id
        )
