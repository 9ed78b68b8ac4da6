"""Every open task, the most overdue first."""

from __future__ import annotations

from .. import sql
from ..answer import Answer, AnswerColumn

_LISTS = ("assigned_to_sharing_entries", "assigned_to")
PEOPLE_OF_TASK = f"""coalesce({
    ", ".join(f"CASE WHEN json_array_length({each}) > 0 THEN {each} END" for each in _LISTS)
})"""
"""Streak sends the people of a task in one of two forms; where both came, they say the same."""

_CREATOR = ", ".join(sql.member_name(f"task.{each}") for each in ("creator_sharing_entry", "creator"))

_SQL = f"""\
WITH assigned AS (
  {sql.people_in("box_tasks", "key", PEOPLE_OF_TASK)}
)
SELECT
  {sql.words("task.text")} AS task,
  assigned.names AS assigned_to,
  deal.name AS name,
  deal.pipeline,
  deal.stage,
  deal.outcome,
  deal.owners,
  task.due_date AS due,
  {sql.days("task.due_date")} AS days_overdue,
  coalesce(task.due_date < {sql.NOW}, false) AS is_overdue,
  task.creation_date AS created,
  coalesce(creator.person, {_CREATOR}) AS created_by,
  deal.link,
  deal.key,
  task.key AS task_key
FROM {{box_tasks}} AS task
LEFT JOIN assigned ON assigned.key = task.key
LEFT JOIN {{deals}} AS deal ON deal.key = task.box_key
LEFT JOIN {{people}} AS creator ON creator.person_key = task.creator_key
WHERE task.status IS DISTINCT FROM 'DONE' AND task.is_draft IS DISTINCT FROM true
ORDER BY task.due_date NULLS LAST, task.creation_date NULLS LAST, task.key"""

FOLLOWUPS_DUE = Answer(
    name="followups_due",
    question="Which tasks are due or overdue, on which deals, and whose are they?",
    description=(
        "Every task that is still open, one row a task, the most overdue first and those without a due date "
        "last.\n\n"
        "Drafts are left out. Names and stages are those of now."
    ),
    example=(
        "SELECT assigned_to, task, name, days_overdue\nFROM streak_views.followups_due\n"
        "WHERE is_overdue\nORDER BY days_overdue DESC"
    ),
    columns=(
        AnswerColumn("task", "What has to be done.", personal=True),
        AnswerColumn(
            "assigned_to",
            "Names of those who have to do it, joined by commas; NULL for nobody.",
            personal=True,
        ),
        AnswerColumn("name", "What the box is called now.", personal=True),
        AnswerColumn("pipeline", "What the pipeline of the box is called now."),
        AnswerColumn("stage", "What the stage is called that the box is in now."),
        AnswerColumn("outcome", "What that stage means: won, lost or open."),
        AnswerColumn("owners", "The people to whom the box is assigned now.", personal=True),
        AnswerColumn("due", "When the task is due; NULL where it has no due date.", type=sql.MOMENT),
        AnswerColumn(
            "days_overdue",
            "Complete days since the task was due; negative are the complete days left. NULL where it has "
            "no due date.",
            type=sql.COUNT,
        ),
        AnswerColumn("is_overdue", "Whether the due date has passed, by however little.", type="BOOLEAN"),
        AnswerColumn("created", "When the task was made.", type=sql.MOMENT),
        AnswerColumn("created_by", "Who made the task.", personal=True),
        AnswerColumn("link", "Address that opens the box in Streak."),
        AnswerColumn("key", "Key of the box."),
        AnswerColumn("task_key", "Key of the task."),
    ),
    sql=_SQL,
    reads=("box_tasks", "deals", "people"),
)
