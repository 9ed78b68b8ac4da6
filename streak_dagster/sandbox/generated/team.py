"""The generated team: its users, pipelines, snippets, contacts and organizations."""

from __future__ import annotations

from ..objects.contacts import new_contact, new_organization
from ..objects.keys import make_key
from ..objects.pipelines import new_field, new_pipeline, new_stage
from ..objects.team import new_member, new_snippet, new_team, new_webhook
from ..objects.types import DAY, Json
from ..objects.users import new_user
from . import words
from .numbers import Draws, name_number

FOUNDED = 1_546_300_800_000
"""2019-01-01: everything generated lies between here and `TODAY`."""
TODAY = 1_767_225_600_000
"""2026-01-01."""
DOMAIN = "team.example.com"
CONTACT_FIELDS = (
    new_field(
        "1001",
        "Region",
        "DROPDOWN",
        updated=FOUNDED,
        options={"9001": "EMEA", "9002": "Americas", "9003": "APAC"},
    ),
    new_field("1002", "Newsletter", "TEXT_INPUT", updated=FOUNDED),
)
ORGANIZATION_FIELDS = (
    new_field("1001", "Tier", "DROPDOWN", updated=FOUNDED, options={"9001": "A", "9002": "B"}),
)

_CONTACT, _ORGANIZATION = name_number("contact"), name_number("organization")


class GeneratedTeam:
    """All but the boxes. Users, pipelines and the team itself are few and made at once."""

    def __init__(self, seed: int, *, pipelines: int, contacts: int, organizations: int) -> None:
        self.seed = seed
        self.account = f"g{seed}"
        self.contact_count = contacts
        self.organization_count = organizations
        self.team_key = make_key("team", self.account)
        self.users = [self._user(index) for index in range(8)]
        self.team = self._team()
        self.pipelines = [self._pipeline(index) for index in range(pipelines)]
        self.pipelines.append(self._pipeline(pipelines, name="Empty on purpose"))
        self.snippets = [self._snippet(index) for index in range(3)]
        self.webhooks = [
            new_webhook(
                make_key("webhook", self.account, 0),
                "TASK_CREATE",
                "https://hooks.example.com/streak",
                self.users[0],
                created=FOUNDED + DAY,
                pipeline_key=self.pipelines[0]["key"],
            ),
            new_webhook(
                make_key("webhook", self.account, 1),
                "CONTACT_UPDATE",
                "https://hooks.example.com/streak?for=people",
                self.users[1],
                created=FOUNDED + 2 * DAY,
                team_key=self.team_key,
            ),
        ]

    def _user(self, index: int) -> Json:
        draws = Draws(self.seed, name_number("user"), index)
        given, family = words.GIVEN[(index * 5 + self.seed) % len(words.GIVEN)], draws.pick(words.FAMILY)
        return new_user(
            make_key("user", self.account, index),
            f"user{index}@{DOMAIN}",
            f"{given} {family}",
            created=FOUNDED + index * 30 * DAY,
            seen=TODAY - draws.below(30 * DAY),
            kind="AGENT" if index == 7 else "HUMAN",
            timezone="Europe/Berlin",
        )

    def _team(self) -> Json:
        roles = ("Owner", "Member", "Member", "Member", "Member", "PayerOnly", "ArchiveOnly", "Member")
        members = [
            new_member(user, role, user["creationTimestamp"] - DAY, pending=index == 4)
            for index, (user, role) in enumerate(zip(self.users, roles, strict=True))
        ]
        return new_team(
            self.team_key,
            f"Generated team {self.seed}",
            self.users[0],
            members,
            created=FOUNDED,
            saved=TODAY,
            contact_fields=CONTACT_FIELDS,
            organization_fields=ORGANIZATION_FIELDS,
        )

    def _pipeline(self, index: int, name: str = "") -> Json:
        plain, stage_names = words.PIPELINES[index % len(words.PIPELINES)]
        again = index // len(words.PIPELINES)
        stages = [
            new_stage(str(5001 + place), stage, words.STAGE_COLOURS[place])
            for place, stage in enumerate(stage_names)
        ]
        updated = FOUNDED + (index + 2) * 90 * DAY
        sources = {"9001": "Inbound", "9002": "Outbound", "9003": "Empfehlung"}
        tags = {"9004": "hot 🔥", "9005": "cold", "9006": "VIP", "9007": "naïve"}
        fields = [
            new_field("1001", "Summary", "TEXT_INPUT", updated=updated, prompt="Summarise the last mails."),
            new_field("1002", "Close date", "DATE", updated=updated),
            new_field("1003", "Signed", "CHECKBOX", updated=updated),
            new_field("1004", "Source", "DROPDOWN", updated=updated, options=sources),
            new_field("1005", "Labels", "TAG", updated=updated, options=tags),
            new_field("1006", "Owner", "PERSON", updated=updated),
            new_field("1007", "Weighted value", "FORMULA", updated=updated, default="=$'Value' * 0.5"),
            new_field("1008", "Main contact", "TEAM_CONTACT", updated=updated),
            new_field("1009", "Account", "TEAM_ORGANIZATION", updated=updated),
        ]
        return new_pipeline(
            make_key("pipeline", self.account, index),
            name or f"{plain}{f' {again + 1}' if again else ''}",
            team_key=self.team_key,
            creator=self.users[index % 4],
            members=self.users[:4],
            created=FOUNDED + index * DAY,
            updated=updated,
            stages=stages,
            fields=fields,
        )

    def _snippet(self, index: int) -> Json:
        kind = "HTML" if index == 1 else "TEXT"
        text = (
            "<p>Thanks for your <b>time</b> today!</p>"
            if kind == "HTML"
            else f"Hello, this is snippet {index} 👋"
        )
        return new_snippet(
            make_key("snippet", self.account, index),
            self.users[0],
            f"Snippet {index}",
            text,
            created=FOUNDED + index * DAY,
            kind=kind,
            shortcut=f"s{index}",
        )

    def contact(self, index: int) -> Json:
        """Contact `index`. It belongs to organization `index` modulo their number, which points back."""
        draws = Draws(self.seed, _CONTACT, index)
        given, family = draws.pick(words.GIVEN), draws.pick(words.FAMILY)
        created = FOUNDED + draws.below((TODAY - FOUNDED) * 3 // 4)
        at = index % self.organization_count if self.organization_count else None
        domain = f"org{at}.example.org" if at is not None else "mail.example.org"
        return new_contact(
            make_key("contact", self.account, index),
            self.team_key,
            draws.pick(self.users),
            created,
            given=given,
            family=family if draws.chance(0.9) else None,
            title=draws.pick(words.TITLES) if draws.chance(0.5) else None,
            emails=[f"person{index}@{domain}"],
            phones=[f"+1 555 {index % 10_000:04d}"] if draws.chance(0.3) else [],
            addresses=[f"{draws.below(99) + 1} High Street, {draws.pick(words.CITIES)}"]
            if draws.chance(0.2)
            else [],
            saved=created + draws.below(TODAY - created),
            fields={"1001": draws.pick(("9001", "9002", "9003"))} if draws.chance(0.4) else {},
            organizations=[make_key("org", self.account, at)] if at is not None else [],
        )

    def organization(self, index: int) -> Json:
        """Organization `index`, linked to every contact that is linked to it."""
        draws = Draws(self.seed, _ORGANIZATION, index)
        created = FOUNDED + draws.below((TODAY - FOUNDED) // 2)
        people = range(index, self.contact_count, self.organization_count)
        return new_organization(
            make_key("org", self.account, index),
            self.team_key,
            draws.pick(self.users),
            created,
            name=f"{draws.pick(words.COMPANY_FIRST)} {draws.pick(words.COMPANY_LAST)}",
            domains=[f"org{index}.example.org"],
            industry=draws.pick(words.INDUSTRIES) if draws.chance(0.6) else None,
            employees=draws.pick(words.EMPLOYEES) if draws.chance(0.6) else None,
            saved=created + draws.below(TODAY - created),
            fields={"1001": draws.pick(("9001", "9002"))} if draws.chance(0.3) else {},
            contacts=[make_key("contact", self.account, each) for each in people],
        )
