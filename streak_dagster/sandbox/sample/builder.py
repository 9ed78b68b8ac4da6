"""From what is told (`telling.py`) to canonical boxes and children.

Keys are made from the handles, so they stay the same when something is added elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..objects.boxes import new_box, new_link
from ..objects.children import new_comment, new_file, new_meeting, new_reaction, new_task, new_thread
from ..objects.types import Children, Json
from ..objects.users import sharing_entry
from .telling import Deal, Mail, Talk, Task, key, ms


class Builder:
    """Turns deals into boxes and children; knows the people by their handles."""

    def __init__(
        self, users: Mapping[str, Json], contacts: Mapping[str, Json], organizations: Mapping[str, Json]
    ) -> None:
        self._users = users
        self._contacts = contacts
        self._organizations = organizations

    def people(self, handles: Sequence[str]) -> list[Json]:
        """Users by handle."""
        return [self._users[handle] for handle in handles]

    def box(self, deal: Deal, pipeline: Json) -> Json:
        """The box of a deal, without its children."""
        stages = {stage["name"]: stage["key"] for stage in pipeline["stages"].values()}
        return new_box(
            key("box", deal.handle),
            pipeline["key"],
            deal.name,
            history=[(stages[name], ms(when)) for name, when in deal.stages],
            creator=self._users[deal.owner],
            updated=ms(deal.updated) if deal.updated else None,
            notes=deal.notes,
            fields=self._values(deal, pipeline),
            assigned=self.people(deal.assigned),
            followers=self.people(deal.followers or deal.assigned),
            linked=[key("box", each) for each in deal.linked],
            emails=[mail for each in deal.contacts for mail in self._contacts[each]["emailAddresses"]],
            contacts=[
                new_link(key("contact", each), starred=not place) for place, each in enumerate(deal.contacts)
            ],
            organizations=[new_link(key("org", each), autoboxed=True) for each in deal.organizations],
        )

    def _values(self, deal: Deal, pipeline: Json) -> Json:
        by_name = {each["name"]: each for each in pipeline["fields"]}
        return {
            by_name[name]["key"]: self._value(by_name[name], value) for name, value in deal.fields.items()
        }

    def _value(self, definition: Json, value: Any) -> Any:
        kind = definition["type"]
        if kind == "DROPDOWN":
            options = {each["name"]: each["key"] for each in definition["dropdownSettings"]["items"]}
            return value if value.isdigit() else options[value]  # the key of an option that was removed
        if kind == "TAG":
            tags = {each["tag"]: each["key"] for each in definition["tagSettings"]["tags"]}
            return [tags[each] for each in value]
        simple: dict[str, Callable[[Any], Any]] = {
            "DATE": ms,
            "PERSON": lambda who: [sharing_entry(self._users[each]) for each in who],
            "TEAM_CONTACT": lambda who: [key("contact", each) for each in who],
            "TEAM_ORGANIZATION": lambda who: [key("org", each) for each in who],
        }
        return simple[kind](value) if kind in simple else value

    def children(self, deal: Deal, box: Json, threads: list[Json]) -> Children:
        """The children of a deal; its threads are made before, because other boxes may have them too."""
        meetings = [self._talk(deal, box, place, talk) for place, talk in enumerate(deal.talks)]
        tasks = [self._task(deal, box, place, task, meetings) for place, task in enumerate(deal.tasks)]
        return Children(
            comments=self._comments(deal, box),
            tasks=tasks,
            meetings=meetings,
            threads=threads,
            files=[
                new_file(
                    key("file", f"{deal.handle}.{place}"),
                    box,
                    self._users[paper.who],
                    ms(paper.when),
                    name=paper.name,
                    mime=paper.mime,
                    size=paper.size,
                )
                for place, paper in enumerate(deal.papers)
            ],
        )

    def _comments(self, deal: Deal, box: Json) -> list[Json]:
        made: list[Json] = []
        for place, told in enumerate(deal.comments):
            parent = None if told.reply_to is None else made[told.reply_to]
            comment = new_comment(
                key("comment", f"{deal.handle}.{place}"),
                box,
                self._users[told.who],
                ms(told.when),
                told.text,
                mentions=self.people(told.mentions),
                parent=parent["key"] if parent else None,
            )
            comment["reactionSummary"] = [
                new_reaction(each, self.people(who)) for each, who in told.reactions.items()
            ]
            if parent:
                parent["children"] = [*(parent["children"] or []), comment["key"]]
            made.append(comment)
        return made

    def _talk(self, deal: Deal, box: Json, place: int, talk: Talk) -> Json:
        kind = "MEETING_NOTES" if talk.notes else "CALL_LOG"
        return new_meeting(
            key("meeting", f"{deal.handle}.{place}"),
            box,
            self._users[talk.who],
            ms(talk.when),
            talk.text,
            minutes=talk.minutes,
            kind=kind,
            draft=talk.draft,
        )

    def _task(self, deal: Deal, box: Json, place: int, task: Task, meetings: list[Json]) -> Json:
        actions = []
        if task.action:
            kind, value, who = task.action
            actions.append({"type": kind, "value": value, "contact": self._contacts[who]})
        meeting = None if task.meeting is None else meetings[task.meeting]
        made = new_task(
            key("task", f"{deal.handle}.{place}"),
            box,
            self._users[task.who],
            ms(task.when),
            task.text,
            due=ms(task.due) if task.due else None,
            done=ms(task.done) if task.done else None,
            assigned=self.people(task.to),
            reminder=task.reminder,
            actions=actions,
            meeting_key=meeting["key"] if meeting else None,
            draft=task.draft,
        )
        if meeting:
            meeting["taskKeys"] = [*meeting["taskKeys"], made["key"]]
        return made

    def thread(self, deal: Deal, mail: Mail, boxes: Sequence[Json]) -> Json:
        """The thread of a deal that may be in other boxes too."""
        people = {who: self._address(who) for who, _ in mail.mails}
        for contact in deal.contacts[:1]:
            people.setdefault(contact, self._address(contact))
        sent = [(people[who][0], ms(when)) for who, when in mail.mails]
        return new_thread(
            key("thread", mail.handle),
            boxes,
            self._users[deal.owner],
            mail.subject,
            sent,
            people=list(people.values()),
            gmail_id=f"{sent[0][1]:016x}",
        )

    def _address(self, handle: str) -> tuple[str, str]:
        if handle in self._users:
            return self._users[handle]["email"], self._users[handle]["displayName"]
        person = self._contacts[handle]
        return person["emailAddresses"][
            0
        ], f"{person['givenName'] or ''} {person['familyName'] or ''}".strip()
