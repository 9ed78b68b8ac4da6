"""Tern & Tiller, makers of booking software for small hotels: the team and the people it deals with."""

from __future__ import annotations

from typing import Any

from ..objects.contacts import new_contact, new_organization
from ..objects.pipelines import new_field
from ..objects.team import new_member, new_snippet, new_team, new_webhook
from ..objects.types import Json
from ..objects.users import new_user
from .telling import key, ms

TODAY = ms("2026-03-02 09:00")
TEAM = key("team", "tern")

_DOMAIN = "ternandtiller.example.com"


def _user(handle: str, name: str, since: str, seen: str, timezone: str) -> Json:
    address = f"{handle}@{_DOMAIN}"
    return new_user(key("user", handle), address, name, created=ms(since), seen=ms(seen), timezone=timezone)


USERS: dict[str, Json] = {
    "maren": _user("maren", "Maren Okafor", "2021-02-08 10:12", "2026-03-02 08:41", "Europe/London"),
    "tomasz": _user("tomasz", "Tomasz Wójcik", "2021-06-14 07:55", "2026-02-27 17:03", "Europe/Warsaw"),
    "aiko": _user("aiko", "Aiko Bergström", "2023-01-16 08:30", "2026-03-02 07:58", "Europe/Stockholm"),
    "devon": _user("devon", "Devon Price", "2021-09-01 13:20", "2024-11-29 16:45", "America/Chicago"),
    "skipper": new_user(
        key("user", "skipper"),
        f"skipper@agents.{_DOMAIN}",
        "Skipper",
        created=ms("2025-10-06 12:00"),
        seen=None,
        kind="AGENT",
    ),
}
"""The owner of the API key comes first. Devon has left (archived); Skipper is an agent."""

TEAM_OBJECT = new_team(
    TEAM,
    "Tern & Tiller",
    USERS["maren"],
    [
        new_member(USERS["maren"], "Owner", ms("2021-02-08 10:12")),
        new_member(USERS["tomasz"], "Member", ms("2021-06-11 15:00")),
        new_member(USERS["aiko"], "Member", ms("2023-01-12 09:00"), pending=True, sharing="None"),
        new_member(USERS["devon"], "ArchiveOnly", ms("2021-08-30 18:40"), sharing="None"),
        new_member(USERS["skipper"], "Member", ms("2025-10-06 12:00"), sharing="None"),
    ],
    created=ms("2021-02-08 10:12"),
    saved=ms("2026-01-05 11:20"),
    contact_fields=[
        new_field(
            "1001",
            "Decides",
            "DROPDOWN",
            updated=ms("2022-04-04"),
            options={"9001": "Yes", "9002": "Has a say", "9003": "No"},
        ),
        new_field("1002", "Met at", "TEXT_INPUT", updated=ms("2022-04-04")),
    ],
    organization_fields=[new_field("1001", "Rooms", "TEXT_INPUT", updated=ms("2022-04-04"))],
)


def _organization(handle: str, name: str, since: str, **more: Any) -> Json:
    return new_organization(
        key("org", handle),
        TEAM,
        USERS["maren"],
        ms(since),
        name=name,
        domains=[f"{handle}.example.org"],
        **more,
    )


ORGANIZATIONS: dict[str, Json] = {
    "fjordhus": _organization(
        "fjordhus",
        "Fjordhus Hoteller",
        "2023-05-02 09:10",
        industry="Hospitality",
        employees="51-200",
        saved=ms("2025-12-11 10:00"),
        fields={"1001": "212"},
    ),
    "quintadoceu": _organization(
        "quintadoceu",
        "Quinta do Céu",
        "2024-02-19 14:25",
        industry="Hospitality",
        employees="1-10",
        addresses=["Estrada da Serra 4, Sintra"],
        fields={"1001": "14"},
    ),
    "harbourlight": _organization(
        "harbourlight",
        "Harbour Light Inns",
        "2022-11-07 11:00",
        employees="201-500",
        phones=["+44 20 7946 0815"],
        saved=ms("2026-02-20 16:31"),
        fields={"1001": "640"},
    ),
    "komorebi": _organization(
        "komorebi", "木漏れ日旅館 (Komorebi Ryokan)", "2025-03-24 02:15", industry="Hospitality"
    ),
    "bluedoor": _organization("bluedoor", "The Blue Door B&B", "2025-06-30 08:00", employees="1-10"),
    "larkspur": _organization("larkspur", "Larkspur Talent", "2024-09-09 10:45", industry="Recruiting"),
}
ORGANIZATIONS["nameless"] = new_organization(
    key("org", "nameless"), TEAM, USERS["tomasz"], ms("2025-11-18 12:00"), name=None
)


def _contact(
    handle: str, given: str | None, family: str | None, organization: str | None, since: str, **more: Any
) -> Json:
    made = new_contact(
        key("contact", handle),
        TEAM,
        USERS["maren"],
        ms(since),
        given=given,
        family=family,
        emails=[f"{handle}@{organization or 'mail'}.example.org"],
        organizations=[key("org", organization)] if organization else [],
        **more,
    )
    if organization:
        links = ORGANIZATIONS[organization]["contactLinks"]
        links.append({"key": made["key"], "isMagicLinked": True, "creationTimestamp": ms(since)})
    return made


CONTACTS: dict[str, Json] = {
    "ingrid": _contact(
        "ingrid",
        "Ingrid",
        "Solheim",
        "fjordhus",
        "2023-05-02 09:12",
        title="Head of Operations",
        phones=["+47 21 98 76 54"],
        fields={"1001": "9001", "1002": "Hotel tech fair, Oslo"},
    ),
    "petter": _contact(
        "petter", "Petter", "Lunde", "fjordhus", "2023-06-20 13:00", title="IT", fields={"1001": "9002"}
    ),
    "rui": _contact("rui", "Rui", "Falcão", "quintadoceu", "2024-02-19 14:25", phones=["+351 21 000 0000"]),
    "winifred": _contact(
        "winifred",
        "Winifred",
        "Ashby",
        "harbourlight",
        "2022-11-07 11:04",
        title="Managing Director",
        saved=ms("2026-02-20 16:30"),
        fields={"1001": "9001"},
        linkedin="winifred-ashby-example",
    ),
    "samuel": _contact(
        "samuel", "Samuel", "Okonkwo-Reyes", "harbourlight", "2024-08-13 09:40", title="Procurement"
    ),
    "naoko": _contact(
        "naoko", "直子", "森田", "komorebi", "2025-03-24 02:15", other="Naoko Morita, writes in English"
    ),
    "gwen": _contact("gwen", "Gwen", None, "bluedoor", "2025-06-30 08:01"),
    "fenna": _contact("fenna", "Fenna", "de Wit", "larkspur", "2024-09-09 10:45", title="Recruiter"),
    "lucja": _contact("lucja", "Łucja", "Żak", None, "2026-01-12 18:20", addresses=["ul. Długa 7, Gdańsk"]),
    "hamid": _contact("hamid", "Hamid", "Rahimi", None, "2026-01-20 20:02"),
    "siobhan": _contact(
        "siobhan", "Siobhán", "Ní Bhriain", None, "2025-10-02 12:31", phones=["+353 1 496 0000"]
    ),
    "newsletter": _contact("newsletter", None, None, None, "2025-05-05 05:05"),
}


def snippets(sales_key: str) -> list[Json]:
    """Maren's snippets, plain and HTML."""
    maren = USERS["maren"]
    return [
        new_snippet(
            key("snippet", "thanks"),
            maren,
            "Thanks after a demo",
            "Hi!\n\nThank you for your time today. The recording is attached, ask me anything.\n\nMaren",
            created=ms("2022-01-11 09:00"),
            shortcut="thx",
        ),
        new_snippet(
            key("snippet", "quote"),
            maren,
            "Quote cover note",
            "<p>Please find the quote attached.<br>It is valid for <b>30 days</b> &amp; includes set-up.</p>",
            created=ms("2022-03-02 10:30"),
            kind="HTML",
            pipeline_key=sales_key,
            shortcut="quote",
        ),
        new_snippet(
            key("snippet", "nope"),
            maren,
            "Kind no 🙏",
            "We've decided to go another way. Wishing you well!",
            created=ms("2024-06-18 15:15"),
        ),
    ]


def webhooks(sales_key: str) -> list[Json]:
    """One webhook of the sales pipeline, one of the team."""
    maren = USERS["maren"]
    return [
        new_webhook(
            key("webhook", "won"),
            "BOX_CHANGE_STAGE",
            "https://hooks.example.com/streak/stage",
            maren,
            created=ms("2024-01-30 10:00"),
            pipeline_key=sales_key,
        ),
        new_webhook(
            key("webhook", "people"),
            "CONTACT_CREATE",
            "https://hooks.example.com/streak/contact",
            maren,
            created=ms("2025-02-14 08:20"),
            team_key=TEAM,
        ),
    ]
