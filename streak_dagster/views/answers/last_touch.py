"""How long ago anybody touched a box."""

from __future__ import annotations

from .. import sql
from ..answer import Answer, AnswerColumn

_SQL = """\
SELECT
  name, pipeline, stage, outcome, owners, last_touched, last_touch AS touch, days_untouched AS days,
  next_due, link, key
FROM {deals}"""

LAST_TOUCH = Answer(
    name="last_touch",
    question="Which deals has nobody touched for a month?",
    description=(
        "Every box with how long ago anybody touched it, one row a box.\n\n"
        "A touch is a comment, an e-mail sent or received, a meeting or call that was held, a task done, a "
        "move to "
        "another stage, what Streak counts as a touchpoint, an edit of the box, or its creation. That "
        "Streak saved "
        "the box for reasons of its own is none, nor that a new task was written down."
    ),
    example=(
        "SELECT name, stage, owners, days, touch\nFROM streak_views.last_touch\n"
        "WHERE outcome = 'open' AND days > 30\nORDER BY days DESC"
    ),
    columns=(
        AnswerColumn("name", "What the box is called now.", personal=True),
        AnswerColumn("pipeline", "What the pipeline is called that the box is in now."),
        AnswerColumn("stage", "What the stage is called that the box is in now."),
        AnswerColumn("outcome", "What that stage means: won, lost or open."),
        AnswerColumn("owners", "The people to whom the box is assigned now.", personal=True),
        AnswerColumn("last_touched", "When anybody last touched the box.", type=sql.MOMENT),
        AnswerColumn(
            "touch",
            "What that was: comment, e-mail, meeting, call, task done, stage, touchpoint, edit or created.",
        ),
        AnswerColumn("days", "Complete days since then.", type=sql.COUNT),
        AnswerColumn("next_due", "Earliest due date among the open tasks; may be past.", type=sql.MOMENT),
        AnswerColumn("link", "Address that opens the box in Streak."),
        AnswerColumn("key", "Key of the box."),
    ),
    sql=_SQL,
    reads=("deals",),
)
