"""The hiring pipeline: people who want to work at Tern & Tiller."""

# ruff: noqa: RUF001 - people write dashes and quotes of all kinds, and so does the sample

from __future__ import annotations

from .telling import Comment, Deal, Mail, Paper, Talk, Task

PDF = "application/pdf"

HIRING_DEALS = [
    Deal(
        "lucja",
        "Łucja Żak",
        [
            ("Applied", "2026-01-12 18:25"),
            ("Screening", "2026-01-14 09:00"),
            ("Interview", "2026-01-26 10:00"),
            ("Offer", "2026-02-19 12:00"),
        ],
        "tomasz",
        notes="<p>Ran the desk of a 60-room hotel <i>and</i> writes SQL.</p>",
        assigned=["tomasz", "aiko"],
        fields={
            "Role": "Support engineer",
            "Can start": "2026-04-01",
            "Interviewers": ["tomasz", "aiko"],
            "Skills": ["python", "sql"],
            "Needs relocation": False,
            "Days in process": 49,
            "Summary": "Seven years at hotel front desks, two as the person who fixes the booking system.",
        },
        contacts=["lucja"],
        updated="2026-02-19 12:05",
        comments=[
            Comment("aiko", "2026-01-26 11:15", "She found a bug in our demo while we talked. Hire."),
            Comment("tomasz", "2026-01-26 11:20", "💯", reply_to=0),
            Comment(
                "maren",
                "2026-02-19 12:02",
                "Offer is out. @Tomasz Wójcik please keep the desk by the window free 🙂",
                mentions=["tomasz"],
                reactions={"❤️": ["aiko", "tomasz"]},
            ),
        ],
        tasks=[
            Task(
                "tomasz",
                "2026-01-26 11:30",
                "Check two references",
                to=["tomasz"],
                due="2026-02-02 12:00",
                done="2026-01-30 15:40",
            ),
            Task(
                "maren",
                "2026-02-19 12:03",
                "Chase the signature",
                to=["maren"],
                due="2026-02-26 12:00",
                action=("FOLLOW_UP", "lucja@mail.example.org", "lucja"),
            ),
        ],
        talks=[
            Talk(
                "tomasz",
                "2026-01-14 09:00",
                "Screening. Calm, funny, knows the pain of double bookings.",
                minutes=25,
            ),
            Talk(
                "aiko",
                "2026-01-26 10:00",
                "<ul><li>SQL task: done in 12 min</li><li>Angry guest role play: 5/5</li></ul>",
                minutes=75,
                notes=True,
            ),
        ],
        mails=[
            Mail(
                "lucja-offer",
                "Your offer from Tern & Tiller",
                [("maren", "2026-02-19 12:01"), ("lucja", "2026-02-20 07:44")],
            )
        ],
        papers=[
            Paper("tomasz", "2026-01-12 18:26", "CV Łucja Żak.pdf", PDF, 88_102),
            Paper("maren", "2026-02-19 11:59", "Offer.pdf", PDF, 51_237),
        ],
    ),
    Deal(
        "hamid",
        "Hamid Rahimi",
        [("Applied", "2026-01-20 20:05"), ("Screening", "2026-02-04 13:00")],
        "tomasz",
        assigned=["tomasz"],
        contacts=["hamid"],
        fields={
            "Role": "Backend developer",
            "Skills": ["python", "sql", "日本語"],
            "Needs relocation": True,
            "Interviewers": ["tomasz"],
        },
        talks=[Talk("tomasz", "2026-02-04 13:00", "Good talk; visa needs 3 months.", minutes=30)],
        tasks=[Task("tomasz", "2026-02-04 13:35", "Ask a lawyer about the visa", to=["maren"])],
        papers=[Paper("tomasz", "2026-01-20 20:06", "Hamid_Rahimi_Resume.pdf", PDF, 64_000)],
    ),
    Deal(
        "fenna-search",
        "Larkspur: search for an office manager",
        [("Applied", "2025-09-29 08:00")],
        "maren",
        notes="Not a person: the agency's search. Fenna sends three names a month.",
        contacts=["fenna"],
        organizations=["larkspur"],
        fields={"Role": "Office manager"},
        mails=[
            Mail(
                "larkspur-names",
                "Three names for September",
                [("fenna", "2025-09-29 07:55"), ("maren", "2025-09-29 08:10"), ("fenna", "2025-10-30 15:00")],
            )
        ],
    ),
    Deal(
        "amara",
        "Amara Diallo",
        [
            ("Applied", "2025-11-02 21:00"),
            ("Screening", "2025-11-06 10:00"),
            ("Interview", "2025-11-13 10:00"),
            ("Hired", "2025-12-01 09:55"),
        ],
        "aiko",
        assigned=["aiko"],
        fields={"Role": "Office manager", "Can start": "2026-01-05", "Days in process": 29},
        comments=[Comment("aiko", "2025-12-01 09:56", "Welcome aboard ⛵")],
        tasks=[
            Task(
                "aiko",
                "2025-12-01 10:00",
                "Order a chair",
                to=["aiko"],
                due="2025-12-20 10:00",
                done="2025-12-18 14:00",
            )
        ],
    ),
    Deal(
        "joaquin",
        "Joaquín Ibáñez",
        [("Applied", "2025-10-11 12:00"), ("Declined", "2025-10-13 09:00")],
        "tomasz",
        fields={"Role": "Backend developer", "Skills": ["español"]},
    ),
    Deal(
        "freyja",
        "Freyja Jónsdóttir",
        [("Applied", "2026-02-10 10:10"), ("Screening", "2026-02-17 10:10")],
        "aiko",
        assigned=["aiko"],
        notes="Wants 4 days a week.",
        fields={"Role": "Support engineer", "Needs relocation": False},
        talks=[Talk("aiko", "2026-02-17 10:10", "", minutes=None)],
    ),
    Deal(
        "nguyen",
        "Nguyễn Thị Mai",
        [("Applied", "2026-02-22 04:30")],
        "skipper",
        fields={
            "Role": "Backend developer",
            "Skills": ["python"],
            "Summary": "Five years of Django, two of them remote.",
        },
    ),
    Deal(
        "oisin",
        "Oisín O’Brien",
        [("Applied", "2026-02-23 19:00")],
        "tomasz",
        fields={"Role": "Support engineer"},
        tasks=[Task("tomasz", "2026-02-23 19:05", "Read the CV 😅", to=["tomasz"], due="2026-02-25 09:00")],
    ),
    Deal(
        "zoe",
        "Zoë van der Berg",
        [
            ("Applied", "2024-01-08 08:00"),
            ("Interview", "2024-01-22 08:00"),
            ("Declined", "2024-01-29 08:00"),
        ],
        "devon",
        notes="Took another job. Keep in touch!",
        fields={"Needs relocation": True},
    ),
    Deal("anonymous", "(no name yet)", [("Applied", "2026-02-28 23:59")], "skipper"),
    Deal(
        "priya",
        "Priya Chowdhury",
        [
            ("Applied", "2025-07-01 06:00"),
            ("Screening", "2025-07-03 06:00"),
            ("Interview", "2025-07-15 06:00"),
            ("Offer", "2025-07-21 06:00"),
            ("Declined", "2025-07-28 06:00"),
        ],
        "tomasz",
        assigned=["tomasz"],
        fields={"Role": "Backend developer", "Skills": ["python", "sql"]},
        comments=[Comment("tomasz", "2025-07-28 06:10", "She declined us, not the other way round.")],
    ),
]
