"""Names and sentences that the generator picks from. People and places of many scripts, on purpose."""

# ruff: noqa: RUF001 - people write dashes and quotes of all kinds, and so does the sample

from __future__ import annotations

GIVEN = (
    "Ada", "Bjørn", "Chiara", "Dmitri", "Élodie", "Fatima", "Grzegorz", "Hana", "Ingrid", "João",
    "Kenji", "Łucja", "Mónica", "Nguyễn", "Oisín", "Priya", "Quentin", "Rosalía", "Søren", "Tomáš",
    "Ümit", "Violet", "Wei", "Ximena", "Yūki", "Zoë", "Amara", "Björk", "Çağla", "Dieudonné", "Emeka",
    "Freyja",
)  # fmt: skip
FAMILY = (
    "Abebe", "Brontë", "Castañeda", "Dvořák", "Eriksson", "Fernández", "Großmann", "Hämäläinen",
    "Ibrahim", "Jónsdóttir", "Kowalczyk", "Lefèvre", "Müller", "Nakamura", "O’Brien", "Petrović",
    "Quispe", "Rossi", "Şahin", "Tanaka", "Uwase", "Văcărescu", "Whitaker", "Xu", "Yılmaz", "Zieliński",
    "Achebe", "Bennet", "Chowdhury", "Diallo",
)  # fmt: skip
COMPANY_FIRST = (
    "Alder", "Bluebird", "Cobalt", "Driftwood", "Ember", "Foxglove", "Granite", "Harbour", "Ironbridge",
    "Juniper", "Kestrel", "Lighthouse", "Meridian", "Northstar", "Orchard", "Pinecone", "Quayside",
    "Riverbend", "Saltmarsh", "Thistle", "Umber", "Vale", "Windmill", "Yarrow",
)  # fmt: skip
COMPANY_LAST = (
    "Analytics", "Bakery", "Clinics", "Dental", "Energy", "Foods", "Garden Supply", "Hotels",
    "Insurance", "Joinery", "Kitchens", "Logistics", "Media", "Optics", "Print Works", "Robotics",
    "Software", "Textiles", "Vineyards",
)  # fmt: skip
INDUSTRIES = (
    "Agriculture", "Construction", "Education", "Finance", "Health care", "Hospitality", "Retail",
    "Software",
)  # fmt: skip
EMPLOYEES = ("1-10", "11-50", "51-200", "201-500", "501-1000", "1001-5000")
TITLES = ("Buyer", "CEO", "CTO", "Head of Operations", "Office Manager", "Procurement Lead", "VP Sales")
CITIES = (
    "Łódź", "Zürich", "São Paulo", "Kraków", "Tromsø", "Reykjavík", "東京", "Montréal", "Málaga",
    "Aarhus",
)  # fmt: skip

PIPELINES = (
    ("Sales", ("Lead", "Contacted", "Proposal", "Negotiation", "Won", "Lost")),
    ("Hiring", ("Resume", "Phone screen", "Interview", "Offer", "Hired", "Passed")),
    ("Support", ("New", "Waiting for us", "Waiting for customer", "Solved")),
    ("Fundraising", ("Researching", "Intro made", "Pitched", "Term sheet", "Closed")),
    ("Real estate", ("Listed", "Viewing", "Offer", "Under contract", "Sold")),
    ("Press", ("Idea", "Pitched", "Drafting", "Published")),
)
STAGE_COLOURS = ("#1a73e8", "#12b5cb", "#f9ab00", "#e8710a", "#188038", "#5f6368")

SUFFIXES = (
    "renewal", "pilot", "expansion", "– 40 seats", "trial", "2nd site", "🚀 launch", "phase 2",
    "re-engage", "Q3",
)  # fmt: skip
NOTES = (
    "",
    "",
    "Met at the fair. Follow up after the holidays.",
    "<div>Wants <b>yearly</b> billing &amp; a data sheet.<br>Budget: €12–15k</div>",
    "Prefers mail over phone ☎️✖️",
    "<ul><li>Security review done</li><li>Legal: waiting for the DPA</li></ul>",
    "Asked for references in the same industry.\nSecond line, with a tab\there.",
    "很有兴趣，但预算要等到明年。",
    'They said: "call us in spring" \\o/',
)
COMMENTS = (
    "Called, no answer. Trying again on Thursday.",
    "They loved the demo 🎉",
    "Price is the sticking point, see the mail from this morning.",
    "Great reference, let’s move fast.",
    "Can you take this one while I’m away?",
    "Könnte im Herbst klappen.",
    "Signed version is in the files.",
    "Budget freeze until next quarter 😕",
)
TASKS = (
    "Send the quote", "Call back", "Prepare the demo", "Check references", "Chase the signature",
    "Book a room 📅",
)  # fmt: skip
CALL_NOTES = (
    "Left a message",
    "Talked to the assistant, call back Monday",
    "Quick check-in, all fine 👍",
    "",
)
MEETING_NOTES = (
    "<div>Present: the whole buying team.<br><ul><li>Timeline: 6 weeks</li><li>Blocker: SSO</li></ul></div>",
    "<p>Went through the proposal. They want <i>two</i> options.</p>",
    "Kick-off, very positive mood.",
)
SUBJECTS = (
    "Quote", "Re: next steps", "Introduction", "Fwd: contract draft", "Invitation: demo",
    "Thank you! 🙏", "",
)  # fmt: skip
FILES = (
    ("quote.pdf", "application/pdf"),
    ("contract – signed.pdf", "application/pdf"),
    ("budget 2024.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ("écran d’accueil.png", "image/png"),
)
