"""The four pipelines of Tern & Tiller; between them they use every type of field. The last one is empty."""

from __future__ import annotations

from ..objects.pipelines import new_field, new_pipeline, new_stage
from ..objects.types import Json
from .people import TEAM, USERS
from .telling import key, ms

_EVERYONE = [USERS["maren"], USERS["tomasz"], USERS["aiko"]]


def _stages(*stages: tuple[str, str]) -> list[Json]:
    return [new_stage(str(5001 + place), name, colour) for place, (name, colour) in enumerate(stages)]


SALES = new_pipeline(
    key("pipeline", "sales"),
    "Sales",
    team_key=TEAM,
    creator=USERS["maren"],
    members=_EVERYONE,
    created=ms("2021-02-08 10:20"),
    updated=ms("2026-01-15 09:05"),
    icon="moneybag",
    description="Hotels and guest houses, from first mail to signature.",
    theme="LAKESIDE_SATURATED",
    stages=_stages(
        ("Lead", "#5f6368"),
        ("Demo", "#1a73e8"),
        ("Quote sent", "#f9ab00"),
        ("Negotiation", "#e8710a"),
        ("Won 🎉", "#188038"),
        ("Lost", "#b31412"),
    ),
    fields=[
        new_field("1001", "Next step", "TEXT_INPUT", updated=ms("2021-02-08")),
        new_field("1002", "Yearly value (€)", "TEXT_INPUT", updated=ms("2021-02-08")),
        new_field("1003", "Expected close", "DATE", updated=ms("2021-02-08")),
        new_field(
            "1004",
            "Source",
            "DROPDOWN",
            updated=ms("2024-05-21"),
            options={"9001": "Inbound", "9002": "Outbound", "9003": "Fair", "9004": "Recommendation"},
        ),
        new_field(
            "1005",
            "Labels",
            "TAG",
            updated=ms("2025-09-12"),
            options={"9005": "multi-property", "9006": "needs channel manager", "9007": "VIP ⭐"},
        ),
        new_field("1006", "Contract signed", "CHECKBOX", updated=ms("2022-07-01")),
        new_field("1007", "Account lead", "PERSON", updated=ms("2021-03-01")),
        new_field(
            "1008",
            "Weighted value",
            "FORMULA",
            updated=ms("2025-09-12"),
            default="=number($'Yearly value (€)') * 0.4",
        ),
        new_field("1009", "Main contact", "TEAM_CONTACT", updated=ms("2023-01-20")),
        new_field("1010", "Account", "TEAM_ORGANIZATION", updated=ms("2023-01-20")),
    ],
)

HIRING = new_pipeline(
    key("pipeline", "hiring"),
    "Hiring",
    team_key=TEAM,
    creator=USERS["tomasz"],
    members=_EVERYONE,
    created=ms("2023-08-21 12:00"),
    updated=ms("2025-12-01 10:00"),
    icon="person",
    stages=_stages(
        ("Applied", "#5f6368"),
        ("Screening", "#12b5cb"),
        ("Interview", "#1a73e8"),
        ("Offer", "#f9ab00"),
        ("Hired", "#188038"),
        ("Declined", "#b31412"),
    ),
    fields=[
        new_field(
            "1001",
            "Role",
            "DROPDOWN",
            updated=ms("2025-12-01"),
            options={"9001": "Support engineer", "9002": "Backend developer", "9003": "Office manager"},
        ),
        new_field("1002", "Can start", "DATE", updated=ms("2023-08-21")),
        new_field("1003", "Interviewers", "PERSON", updated=ms("2023-08-21")),
        new_field(
            "1004",
            "Skills",
            "TAG",
            updated=ms("2024-02-02"),
            options={"9004": "python", "9005": "sql", "9006": "español", "9007": "日本語"},
        ),
        new_field("1005", "Needs relocation", "CHECKBOX", updated=ms("2023-08-21")),
        new_field(
            "1006",
            "Summary",
            "TEXT_INPUT",
            updated=ms("2025-11-03"),
            prompt="Sum up the CV in two sentences.",
        ),
        new_field(
            "1007", "Days in process", "FORMULA", updated=ms("2024-02-02"), default="=daysSince($'Created')"
        ),
    ],
)

SUPPORT = new_pipeline(
    key("pipeline", "support"),
    "Support",
    team_key=TEAM,
    creator=USERS["aiko"],
    members=_EVERYONE,
    created=ms("2024-03-11 08:00"),
    updated=ms("2025-07-07 07:07"),
    icon="lifebuoy",
    theme="GREYSCALE",
    stages=_stages(
        ("New", "#b31412"),
        ("Working on it", "#f9ab00"),
        ("Waiting for guest house", "#12b5cb"),
        ("Solved", "#188038"),
    ),
    fields=[
        new_field(
            "1001",
            "Severity",
            "DROPDOWN",
            updated=ms("2024-03-11"),
            options={"9001": "Can't work", "9002": "Annoying", "9003": "Question"},
        ),
        new_field(
            "1002",
            "Area",
            "TAG",
            updated=ms("2025-07-07"),
            options={"9004": "calendar", "9005": "payments", "9006": "e-mail", "9007": "import"},
        ),
        new_field("1003", "Customer", "TEAM_ORGANIZATION", updated=ms("2024-03-11")),
        new_field("1004", "Reported by", "TEAM_CONTACT", updated=ms("2024-03-11")),
        new_field("1005", "Reproduced", "CHECKBOX", updated=ms("2024-03-11")),
        new_field("1006", "Fixed in", "TEXT_INPUT", updated=ms("2024-10-10")),
    ],
)

PARTNERSHIPS = new_pipeline(
    key("pipeline", "partnerships"),
    "Partnerships",
    team_key=TEAM,
    creator=USERS["maren"],
    members=_EVERYONE[:2],
    created=ms("2026-02-26 16:00"),
    updated=ms("2026-02-26 16:00"),
    source="AI_PIPELINE_CREATOR",
    stages=_stages(("Idea", "#5f6368"), ("Talking", "#1a73e8"), ("Signed", "#188038")),
    fields=[new_field("1001", "What they bring", "TEXT_INPUT", updated=ms("2026-02-26"))],
)
