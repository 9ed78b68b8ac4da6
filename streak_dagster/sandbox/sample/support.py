"""The support pipeline: what customers ran into."""

from __future__ import annotations

from .telling import Comment, Deal, Mail, Paper, Talk, Task

SUPPORT_DEALS = [
    Deal(
        "ticket-double",
        "Harbour Light: double bookings after daylight saving",
        [
            ("New", "2026-01-22 07:10"),
            ("Working on it", "2026-01-22 09:00"),
            ("Waiting for guest house", "2026-02-02 16:00"),
            ("Working on it", "2026-02-18 08:30"),
        ],
        "aiko",
        notes="<pre>2025-10-26 02:30 exists twice</pre>Only with calendars from the old importer.",
        assigned=["aiko", "tomasz"],
        organizations=["harbourlight"],
        contacts=["samuel"],
        linked=["harbour-renewal"],
        fields={
            "Severity": "Can't work",
            "Area": ["calendar", "import"],
            "Customer": ["harbourlight"],
            "Reported by": ["samuel"],
            "Reproduced": True,
        },
        comments=[
            Comment("aiko", "2026-01-22 09:05", "Reproduced with the export of 26 October."),
            Comment(
                "tomasz",
                "2026-01-22 09:40",
                "Old importer stores local times. Of course it does. 🤦",
                reply_to=0,
                reactions={"🤦": ["aiko"], "👀": ["maren"]},
            ),
            Comment("maren", "2026-02-18 08:31", "This is blocking the renewal, see the linked box."),
        ],
        tasks=[
            Task(
                "aiko",
                "2026-01-22 09:10",
                "Write a script that repairs stored times",
                to=["tomasz"],
                due="2026-02-10 12:00",
            ),
            Task(
                "tomasz",
                "2026-02-18 09:00",
                "Dry run on a copy",
                to=["tomasz"],
                due="2026-03-03 09:00",
                meeting=0,
            ),
        ],
        talks=[
            Talk(
                "aiko",
                "2026-02-18 08:00",
                "Samuel: 14 guests hit in total, refund list will follow.",
                minutes=18,
            )
        ],
        papers=[
            Paper("aiko", "2026-01-22 07:12", "calendar-export.ics", "text/calendar", 1_204_551),
            Paper("aiko", "2026-01-22 07:13", "écran double réservation.png", "image/png", 233_017),
        ],
    ),
    Deal(
        "ticket-vat",
        "Quinta do Céu: VAT missing on invoices",
        [("New", "2025-12-02 10:00"), ("Working on it", "2025-12-02 13:00"), ("Solved", "2025-12-05 17:30")],
        "aiko",
        assigned=["tomasz"],
        organizations=["quintadoceu"],
        contacts=["rui"],
        fields={
            "Severity": "Annoying",
            "Area": ["payments"],
            "Customer": ["quintadoceu"],
            "Reproduced": True,
            "Fixed in": "5.12.1",
            "Reported by": ["rui"],
        },
        comments=[
            Comment("tomasz", "2025-12-05 17:31", "Fixed & released: rate was read from the wrong country.")
        ],
        mails=[
            Mail(
                "vat",
                "IVA?!",
                [("rui", "2025-12-02 09:58"), ("aiko", "2025-12-02 10:05"), ("rui", "2025-12-05 19:00")],
            )
        ],
    ),
    Deal(
        "ticket-mail",
        "Confirmation mails land in spam",
        [("New", "2026-02-26 08:20"), ("Working on it", "2026-02-26 08:45")],
        "aiko",
        assigned=["aiko"],
        fields={"Severity": "Annoying", "Area": ["e-mail"], "Reproduced": False},
        tasks=[
            Task(
                "aiko",
                "2026-02-26 08:46",
                "Check DKIM of custom domains",
                to=["aiko"],
                due="2026-03-04 10:00",
            )
        ],
    ),
    Deal(
        "ticket-print",
        "How do I print the week view?",
        [("New", "2025-08-14 12:00"), ("Solved", "2025-08-14 12:20")],
        "tomasz",
        fields={"Severity": "Question", "Area": ["calendar"]},
        contacts=["gwen"],
        organizations=["bluedoor"],
    ),
    Deal(
        "ticket-import",
        "CSV import eats leading zeros",
        [("New", "2025-05-19 09:00"), ("Working on it", "2025-05-20 09:00"), ("Solved", "2025-06-11 09:00")],
        "devon",
        notes="Phone numbers, of course.",
        fields={"Severity": "Annoying", "Area": ["import"], "Fixed in": "5.3"},
    ),
    Deal(
        "ticket-komorebi",
        "縦書きで改行がおかしい",
        [("New", "2025-04-30 03:00"), ("Waiting for guest house", "2025-05-01 08:00")],
        "aiko",
        assigned=["aiko"],
        organizations=["komorebi"],
        fields={"Severity": "Annoying", "Customer": ["komorebi"]},
        comments=[Comment("aiko", "2025-05-01 08:01", "Asked for a screenshot.")],
    ),
    Deal(
        "ticket-login",
        "Night porter can't log in",
        [("New", "2026-03-02 05:55")],
        "skipper",
        fields={"Severity": "Can't work", "Customer": ["fjordhus"]},
        organizations=["fjordhus"],
        tasks=[
            Task(
                "skipper",
                "2026-03-02 05:55",
                "Reset the account before the shift ends",
                to=["aiko"],
                due="2026-03-02 06:30",
                reminder="REMINDED",
            )
        ],
    ),
    Deal(
        "ticket-colour",
        "Could the calendar be purple?",
        [("New", "2025-02-14 14:02"), ("Solved", "2025-02-14 15:00")],
        "maren",
        notes="No. 💜",
        fields={"Severity": "Question"},
    ),
    Deal(
        "ticket-refund",
        "Refund shows twice in the report",
        [("New", "2026-02-12 11:00"), ("Working on it", "2026-02-13 09:30")],
        "tomasz",
        assigned=["tomasz"],
        fields={"Severity": "Annoying", "Area": ["payments"], "Reproduced": True},
        papers=[
            Paper(
                "tomasz",
                "2026-02-12 11:05",
                "report.xlsx",
                "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
                17_300,
            )
        ],
    ),
    Deal(
        "ticket-api",
        "Is there an API?",
        [("New", "2024-05-01 10:00"), ("Solved", "2024-05-02 10:00")],
        "devon",
    ),
    Deal("ticket-empty", "", [("New", "2026-02-27 06:06")], "skipper", notes="Mail without subject or text."),
]
