"""The sales pipeline, second half: small houses, old and new leads."""

# ruff: noqa: RUF001 - people write dashes and quotes of all kinds, and so does the sample

from __future__ import annotations

from .telling import Comment, Deal, Mail, Talk, Task

PDF = "application/pdf"

SMALL_HOUSES = [
    Deal(
        "komorebi",
        "木漏れ日旅館 – pilot",
        [("Lead", "2025-03-24 02:20"), ("Demo", "2025-04-08 06:00"), ("Quote sent", "2025-04-22 05:45")],
        "aiko",
        notes="Naoko answers at night (our time). Needs vertical text on the booking page.",
        assigned=["aiko"],
        fields={
            "Next step": "Type sample for vertical text",
            "Yearly value (€)": "3.1k",
            "Source": "Inbound",
            "Main contact": ["naoko"],
            "Account": ["komorebi"],
            "Account lead": ["aiko"],
        },
        contacts=["naoko"],
        organizations=["komorebi"],
        comments=[Comment("aiko", "2025-04-22 05:50", "見積もりを送りました。返事は来週になるそうです。")],
        tasks=[Task("aiko", "2025-04-22 05:55", "Follow up if quiet", to=["aiko"], due="2025-05-06 06:00")],
        mails=[
            Mail(
                "komorebi-hello",
                "ご予約システムについて",
                [("naoko", "2025-03-24 02:12"), ("aiko", "2025-03-24 08:15")],
            )
        ],
    ),
    Deal(
        "quinta",
        "Quinta do Céu – 14 rooms",
        [("Lead", "2024-02-19 14:30"), ("Demo", "2024-03-05 15:00"), ("Won 🎉", "2024-04-02 10:00")],
        "devon",
        notes="Pays in cash if we let him.\nDon't.",
        assigned=["tomasz"],
        fields={
            "Yearly value (€)": "1680",
            "Contract signed": True,
            "Source": "Recommendation",
            "Account": ["quintadoceu"],
        },
        contacts=["rui"],
        organizations=["quintadoceu"],
        talks=[
            Talk(
                "devon",
                "2024-03-05 15:00",
                "<p>Demo in the vineyard. Loved the calendar.</p>",
                minutes=70,
                notes=True,
            )
        ],
    ),
    Deal(
        "blue-door",
        "The Blue Door B&B",
        [("Lead", "2025-06-30 08:05"), ("Lost", "2025-09-01 09:00")],
        "aiko",
        notes="Went with a spreadsheet. Ask again in spring 🌱",
        fields={"Source": "Inbound", "Yearly value (€)": "540"},
        contacts=["gwen"],
        organizations=["bluedoor"],
        comments=[
            Comment("aiko", "2025-09-01 09:02", "“Too many buttons.” Fair.", reactions={"😂": ["tomasz"]})
        ],
    ),
    Deal(
        "alpenrose",
        "Alpenrose Gästehaus",
        [("Lead", "2026-02-16 07:40")],
        "tomasz",
        assigned=["tomasz"],
        fields={"Source": "Outbound", "Expected close": "2026-06-15"},
        tasks=[
            Task(
                "tomasz",
                "2026-02-16 07:41",
                "Send the German brochure",
                to=["tomasz"],
                due="2026-03-09 08:00",
            )
        ],
    ),
    Deal(
        "casa-azul",
        "Casa Azul, Oaxaca",
        [("Lead", "2025-10-20 16:00"), ("Demo", "2025-11-04 17:00")],
        "aiko",
        notes="¿Factura en pesos?",
        assigned=["aiko"],
        fields={"Labels": [], "Source": "Inbound", "Contract signed": False},
        talks=[Talk("aiko", "2025-11-04 17:00", "Demo in Spanish, went well 👏", minutes=45, notes=True)],
    ),
    Deal("old-mill", "The Old Mill", [("Lead", "2022-05-05 10:00"), ("Lost", "2022-12-31 23:59")], "devon"),
    Deal(
        "seagull",
        "Seagull Hostel – 120 beds",
        [("Lead", "2025-12-27 11:30"), ("Quote sent", "2026-01-19 14:00")],
        "tomasz",
        assigned=["tomasz", "aiko"],
        fields={
            "Yearly value (€)": "7,200?",
            "Labels": ["needs channel manager"],
            "Source": "9000",
            "Weighted value": "not a number",
        },
        mails=[
            Mail(
                "seagull-beds",
                "Beds, not rooms!",
                [("siobhan", "2025-12-27 11:28"), ("tomasz", "2026-01-19 14:01")],
            )
        ],
        contacts=["siobhan"],
    ),
    Deal(
        "castle",
        "Schloss Thürnegg (wedding business)",
        [("Lead", "2026-02-27 18:00")],
        "skipper",
        notes="Found by Skipper in the inbox: they ask about weddings, 80–200 guests.",
    ),
    Deal("ferry", "Night ferry cabins (idea)", [("Lead", "2026-03-01 20:15")], "maren", notes=""),
    Deal(
        "dunes",
        "Dunes & Pines Camping",
        [
            ("Lead", "2024-07-15 09:00"),
            ("Demo", "2024-07-30 09:00"),
            ("Lead", "2025-02-10 10:00"),
            ("Demo", "2026-01-27 10:30"),
        ],
        "tomasz",
        notes="Came back after a year. Back and forth between the stages is real.",
        assigned=["tomasz"],
        fields={"Yearly value (€)": "2400", "Expected close": "2026-05-01", "Weighted value": 960.0},
        comments=[Comment("tomasz", "2026-01-27 10:31", "Second life 🧟")],
    ),
    Deal(
        "tern-island",
        "Tern Island Lodge – no relation!",
        [("Lead", "2025-08-08 08:08")],
        "aiko",
        fields={"Next step": "Wait for the new owner"},
    ),
]
