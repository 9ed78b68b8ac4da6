"""The sales pipeline, first half: the big accounts."""

# ruff: noqa: RUF001 - people write dashes and quotes of all kinds, and so does the sample

from __future__ import annotations

from .telling import Comment, Deal, Mail, Paper, Talk, Task

PDF = "application/pdf"

BIG_HOUSES = [
    Deal(
        "fjordhus-rollout",
        "Fjordhus – rollout to 9 hotels",
        [
            ("Lead", "2023-05-02 09:20"),
            ("Demo", "2023-05-23 12:00"),
            ("Quote sent", "2025-11-10 08:30"),
            ("Negotiation", "2025-12-11 10:05"),
        ],
        "maren",
        notes="<div>Started with Bergen only, now wants <b>all nine</b> houses.<br>"
        "<ul><li>SSO is a must</li><li>Norwegian &amp; Sámi front desk texts</li></ul></div>",
        assigned=["maren", "tomasz"],
        followers=["maren", "tomasz", "skipper"],
        fields={
            "Next step": "Legal answers on clause 7",
            "Yearly value (€)": "€ 48.600,00",
            "Expected close": "2026-03-31",
            "Source": "Fair",
            "Labels": ["multi-property", "needs channel manager", "VIP ⭐"],
            "Contract signed": False,
            "Account lead": ["maren"],
            "Weighted value": 19440.0,
            "Main contact": ["ingrid"],
            "Account": ["fjordhus"],
        },
        contacts=["ingrid", "petter"],
        organizations=["fjordhus"],
        linked=["fjordhus-bergen"],
        updated="2026-02-24 15:45",
        comments=[
            Comment(
                "maren",
                "2025-12-11 10:20",
                "Ingrid says the board meets on 12 March. @Tomasz Wójcik can you have the "
                "SSO estimate by then?",
                mentions=["tomasz"],
                reactions={"👍": ["tomasz"], "🚀": ["aiko", "tomasz"]},
            ),
            Comment(
                "tomasz", "2025-12-11 11:02", "Two weeks of work, I'd say 12 days to be safe.", reply_to=0
            ),
            Comment("maren", "2025-12-11 11:05", "Perfect, putting it in the quote.", reply_to=0),
            Comment(
                "skipper",
                "2026-02-24 15:46",
                "Their legal team replied: 2 open points, both about data location.",
            ),
        ],
        tasks=[
            Task(
                "maren",
                "2025-12-11 10:25",
                "SSO estimate for Fjordhus",
                to=["tomasz"],
                due="2025-12-19 16:00",
                done="2025-12-17 09:12",
            ),
            Task(
                "maren",
                "2026-01-08 09:00",
                "Call Ingrid about clause 7",
                to=["maren"],
                due="2026-02-13 10:00",
                reminder="REMINDED",
                action=("CALL", "+47 21 98 76 54", "ingrid"),
            ),
            Task(
                "tomasz",
                "2026-02-24 16:00",
                "Answer the data location questions",
                to=["tomasz", "maren"],
                due="2026-03-05 12:00",
                action=("EMAIL", "petter@fjordhus.example.org", "petter"),
            ),
            Task("aiko", "2026-02-25 08:00", "Ask for photos of the front desks"),
        ],
        talks=[
            Talk(
                "maren",
                "2025-11-19 13:00",
                "<div>Present: Ingrid, Petter, Maren.<br><b>Decided:</b> all nine houses, two "
                "waves.<br>Open: SSO, Sámi texts.</div>",
                minutes=55,
                notes=True,
            ),
            Talk("maren", "2026-01-08 08:40", "Left a message with the front desk in Bergen", minutes=2),
            Talk(
                "tomasz", "2026-02-25 09:30", "Petter: data must stay in the EEA, fine with us.", minutes=24
            ),
        ],
        mails=[
            Mail(
                "fjordhus-quote",
                "Quote: nine hotels",
                [
                    ("maren", "2025-11-10 08:31"),
                    ("ingrid", "2025-11-12 14:09"),
                    ("maren", "2025-11-12 15:30"),
                    ("ingrid", "2025-12-10 17:55"),
                ],
                also_in=["fjordhus-bergen"],
            ),
            Mail("fjordhus-legal", "Re: Vilkår, punkt 7", [("petter", "2026-02-24 15:40")]),
        ],
        papers=[
            Paper("maren", "2025-11-10 08:29", "Quote Fjordhus v3.pdf", PDF, 184_220),
            Paper(
                "tomasz",
                "2026-02-25 10:00",
                "EEA hosting – statement.docx",
                "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
                40_961,
            ),
        ],
    ),
    Deal(
        "fjordhus-bergen",
        "Fjordhus Bergen (first house)",
        [
            ("Lead", "2023-05-02 09:15"),
            ("Demo", "2023-05-16 10:00"),
            ("Quote sent", "2023-06-01 12:00"),
            ("Won 🎉", "2023-06-28 14:30"),
        ],
        "devon",
        notes="Live since August 2023.",
        assigned=["maren"],
        followers=["maren", "devon"],
        fields={
            "Yearly value (€)": "5400",
            "Source": "Fair",
            "Contract signed": True,
            "Main contact": ["ingrid"],
            "Account": ["fjordhus"],
            "Expected close": "2023-06-30",
            "Weighted value": 2160.0,
        },
        contacts=["ingrid"],
        organizations=["fjordhus"],
        linked=["fjordhus-rollout"],
        comments=[
            Comment(
                "devon", "2023-06-28 14:31", "Signed!! 🎉🎉", reactions={"🎉": ["maren", "tomasz", "aiko"]}
            )
        ],
        tasks=[
            Task(
                "devon",
                "2023-06-28 14:35",
                "Hand over to support",
                to=["devon"],
                due="2023-07-03 09:00",
                done="2023-06-30 16:20",
            )
        ],
        papers=[Paper("devon", "2023-06-28 14:33", "Contract Fjordhus Bergen, signed.pdf", PDF, 912_004)],
    ),
    Deal(
        "harbour-renewal",
        "Harbour Light Inns – renewal 2026",
        [
            ("Lead", "2026-01-12 09:00"),
            ("Quote sent", "2026-02-03 11:11"),
            ("Negotiation", "2026-02-20 16:32"),
        ],
        "maren",
        notes="640 rooms. Winifred wants the price of 2023; Samuel only wants it in writing.",
        assigned=["maren"],
        fields={
            "Next step": "New offer with a three-year term",
            "Yearly value (€)": "96000",
            "Source": "Recommendation",
            "Expected close": "2026-04-01",
            "Labels": ["multi-property"],
            "Contract signed": False,
            "Account lead": ["maren", "aiko"],
            "Weighted value": 38400.0,
            "Account": ["harbourlight"],
        },
        contacts=["winifred", "samuel"],
        organizations=["harbourlight"],
        comments=[
            Comment("maren", "2026-02-20 16:40", "She hung up on me when I said 8 %."),
            Comment(
                "aiko",
                "2026-02-20 16:52",
                "Their ticket from January is still open, that won't help… @Maren Okafor",
                mentions=["maren"],
                reply_to=0,
            ),
        ],
        tasks=[
            Task(
                "maren",
                "2026-02-20 16:45",
                "Write the three-year offer",
                to=["maren"],
                due="2026-02-27 17:00",
            ),
            Task("maren", "2026-02-20 16:46", "Dinner with Winifred?", to=["maren"], draft=True),
        ],
        talks=[Talk("maren", "2026-02-20 16:00", "8 % more is “out of the question”.", minutes=28)],
        mails=[
            Mail(
                "harbour-renewal",
                "Your renewal with Tern & Tiller",
                [
                    ("maren", "2026-02-03 11:12"),
                    ("samuel", "2026-02-05 09:30"),
                    ("winifred", "2026-02-20 08:02"),
                ],
                also_in=["ticket-double"],
            )
        ],
        papers=[Paper("maren", "2026-02-03 11:10", "Renewal 2026.pdf", PDF, 120_400)],
    ),
]
