"""Every box of every pipeline, with names in place of keys."""

from __future__ import annotations

from .. import sql
from ..answer import Answer, AnswerColumn
from ..link import LINK

_TOUCHES = (
    # What it is called, the box's own moments of it, and its place among those of the same moment.
    ("comment", ("last_comment_timestamp", "comment.last_at")),
    ("e-mail", ("last_email_sent_timestamp", "last_email_received_timestamp", "thread.last_at")),
    ("meeting", ("most_recent_meeting_notes_timestamp", "meeting.last_meeting")),
    ("call", ("most_recent_call_log_timestamp", "meeting.last_call")),
    ("task done", ("task.last_done",)),
    ("stage", ("last_stage_change_timestamp",)),
    ("touchpoint", ("last_touchpoint_timestamp",)),
    ("edit", ("last_updated_timestamp",)),
    ("created", ("creation_timestamp",)),
)
"""What counts as touching a box. Where several are of one moment, the first of them is named."""


def _column(moment: str) -> str:
    return moment if "." in moment else f"box.{moment}"


def _latest(moments: tuple[str, ...]) -> str:
    """The latest of some moments that aren't in the future: a meeting may be noted down before it is held."""
    past = ", ".join(f"CASE WHEN {each} <= {sql.NOW} THEN {each} END" for each in map(_column, moments))
    return f"greatest({past})" if len(moments) > 1 else past


_EACH_TOUCH = ",\n    ".join(
    f"{_latest(moments)} AS touch_{place}" for place, (_, moments) in enumerate(_TOUCHES)
)
_LAST_TOUCH = "greatest(" + ", ".join(f"touch_{place}" for place in range(len(_TOUCHES))) + ")"
_KIND_OF_TOUCH = "\n".join(
    f"    WHEN touch_{place} = last_touched THEN '{name}'" for place, (name, _) in enumerate(_TOUCHES)
)

_SQL = f"""\
WITH owner AS (
  {sql.people_in("pipeline_boxes", "key", "assigned_to_sharing_entries")}
), task AS (
  SELECT
    box_key,
    count(*) FILTER (WHERE status IS DISTINCT FROM 'DONE') AS open_tasks,
    min(due_date) FILTER (WHERE status IS DISTINCT FROM 'DONE') AS next_due,
    max(last_status_change_date) FILTER (WHERE status = 'DONE' AND last_status_change_date <= {sql.NOW})
      AS last_done
  FROM {{box_tasks}}
  WHERE is_draft IS DISTINCT FROM true
  GROUP BY box_key
), comment AS (
  SELECT box_key, count(*) AS comments, max(timestamp) AS last_at FROM {{box_comments}} GROUP BY box_key
), meeting AS (
  SELECT
    box_key,
    count(*) FILTER (WHERE meeting_type IS DISTINCT FROM 'CALL_LOG') AS meetings,
    count(*) FILTER (WHERE meeting_type = 'CALL_LOG') AS calls,
    max(start_timestamp) FILTER (
      WHERE meeting_type IS DISTINCT FROM 'CALL_LOG' AND start_timestamp <= {sql.NOW}
    ) AS last_meeting,
    max(start_timestamp) FILTER (
      WHERE meeting_type = 'CALL_LOG' AND start_timestamp <= {sql.NOW}
    ) AS last_call
  FROM {{box_meetings}}
  WHERE is_draft IS DISTINCT FROM true
  GROUP BY box_key
), thread AS (
  SELECT
    box_key,
    count(*) AS threads,
    try_cast(sum(number_of_emails) AS BIGINT) AS emails,
    max(last_email_timestamp) FILTER (WHERE last_email_timestamp <= {sql.NOW}) AS last_at
  FROM {{box_threads}}
  GROUP BY box_key
), joined AS (
  SELECT
    box.key,
    {sql.words("box.name")} AS name,
    box.pipeline_key,
    box.stage_key,
    owner.names AS owners,
    box.creator_key,
    {sql.member_name("box.creator_sharing_entry")} AS creator_name,
    box.creation_timestamp AS created,
    coalesce(box.last_stage_change_timestamp, box.creation_timestamp) AS stage_since,
    greatest(box.last_email_sent_timestamp, box.last_email_received_timestamp, thread.last_at) AS last_email,
    {sql.words("box.last_email_from")} AS last_email_from,
    coalesce(box.task_incomplete_count, task.open_tasks, 0) AS open_tasks,
    coalesce(box.soonest_task_due_date, task.next_due) AS next_due,
    coalesce(box.comment_count, comment.comments, 0) AS comments,
    coalesce(box.gmail_thread_count, thread.threads, 0) AS threads,
    coalesce(box.total_number_of_emails, thread.emails, 0) AS emails,
    coalesce(box.meeting_notes_count, meeting.meetings, 0) AS meetings,
    coalesce(box.call_log_count, meeting.calls, 0) AS calls,
    coalesce(box.file_count, 0) AS files,
    {_EACH_TOUCH}
  FROM {{pipeline_boxes}} AS box
  LEFT JOIN owner ON owner.key = box.key
  LEFT JOIN task ON task.box_key = box.key
  LEFT JOIN comment ON comment.box_key = box.key
  LEFT JOIN meeting ON meeting.box_key = box.key
  LEFT JOIN thread ON thread.box_key = box.key
), touched AS (
  SELECT *, {_LAST_TOUCH} AS last_touched FROM joined
)
SELECT
  touched.key,
  touched.name,
  coalesce(stage.pipeline, {sql.words("pipeline.name")}, touched.pipeline_key) AS pipeline,
  coalesce(stage.stage, touched.stage_key) AS stage,
  stage.stage_order,
  coalesce(stage.outcome, 'open') AS outcome,
  touched.owners,
  coalesce(creator.person, touched.creator_name) AS created_by,
  touched.created,
  touched.last_touched,
  CASE
{_KIND_OF_TOUCH}
  END AS last_touch,
  {sql.days_so_far("touched.created")} AS days_since_created,
  {sql.days_so_far("touched.last_touched")} AS days_untouched,
  {sql.days_so_far("touched.stage_since")} AS days_in_stage,
  touched.last_email,
  touched.last_email_from,
  touched.open_tasks,
  touched.next_due,
  touched.comments,
  touched.threads,
  touched.emails,
  touched.meetings,
  touched.calls,
  touched.files,
  '{LINK}' || touched.key AS link,
  touched.stage_since,
  touched.pipeline_key,
  touched.stage_key
FROM touched
LEFT JOIN {{stages}} AS stage
  ON stage.pipeline_key = touched.pipeline_key AND stage.stage_key = touched.stage_key
LEFT JOIN {{pipelines}} AS pipeline ON pipeline.key = touched.pipeline_key
LEFT JOIN {{people}} AS creator ON creator.person_key = touched.creator_key"""

DEALS = Answer(
    name="deals",
    question="What is there in all pipelines, who has it, and how long has it been where it is?",
    description=(
        "Every box of every pipeline, one row a box, as it is now and with names in place of keys.\n\n"
        "`last_touched` is the latest of: a comment, an e-mail in either direction, a meeting or call that "
        "was held, "
        "a task done, a move to another stage, what Streak counts as a touchpoint, an edit of the box, its "
        "creation. "
        "Counts are Streak's own where it sends them, and counted from the tables otherwise."
    ),
    example=(
        "SELECT pipeline, stage, count(*) AS deals, round(avg(days_in_stage)) AS days_in_stage\n"
        "FROM streak_views.deals\n"
        "WHERE outcome = 'open'\n"
        "GROUP BY pipeline, stage, stage_order\n"
        "ORDER BY pipeline, stage_order"
    ),
    columns=(
        AnswerColumn("key", "Streak's key of the box; other tables name it box_key."),
        AnswerColumn("name", "What the box is called now.", personal=True),
        AnswerColumn("pipeline", "What the pipeline is called that the box is in now."),
        AnswerColumn(
            "stage",
            "What the stage is called that the box is in now; its last known name where the stage is gone.",
        ),
        AnswerColumn("stage_order", "Place of the stage in its pipeline, counted from 0.", type=sql.COUNT),
        AnswerColumn("outcome", "What the stage means now: won, lost or open, as stages reads its name."),
        AnswerColumn(
            "owners",
            "Names of the people to whom the box is assigned now, joined by commas; NULL for nobody.",
            personal=True,
        ),
        AnswerColumn("created_by", "Name of the person who created the box.", personal=True),
        AnswerColumn("created", "When the box was created.", type=sql.MOMENT),
        AnswerColumn("last_touched", "When anybody last touched the box.", type=sql.MOMENT),
        AnswerColumn(
            "last_touch",
            "What that was: comment, e-mail, meeting, call, task done, stage, touchpoint, edit or created.",
        ),
        AnswerColumn("days_since_created", "Complete days since the box was created.", type=sql.COUNT),
        AnswerColumn("days_untouched", "Complete days since anybody touched the box.", type=sql.COUNT),
        AnswerColumn(
            "days_in_stage",
            "Complete days since the box came into its present stage, or was created.",
            type=sql.COUNT,
        ),
        AnswerColumn(
            "last_email", "When the latest e-mail of the box was sent or received.", type=sql.MOMENT
        ),
        AnswerColumn("last_email_from", "Who sent that e-mail, as Streak names it.", personal=True),
        AnswerColumn("open_tasks", "Number of tasks that are still open.", type=sql.COUNT),
        AnswerColumn("next_due", "Earliest due date among the open tasks; may be past.", type=sql.MOMENT),
        AnswerColumn("comments", "Number of comments.", type=sql.COUNT),
        AnswerColumn("threads", "Number of e-mail threads.", type=sql.COUNT),
        AnswerColumn("emails", "Number of e-mails in all threads.", type=sql.COUNT),
        AnswerColumn("meetings", "Number of meetings with notes.", type=sql.COUNT),
        AnswerColumn("calls", "Number of calls logged.", type=sql.COUNT),
        AnswerColumn("files", "Number of files.", type=sql.COUNT),
        AnswerColumn("link", "Address that opens the box in Streak."),
        AnswerColumn(
            "stage_since", "When the box came into its present stage, or was created.", type=sql.MOMENT
        ),
        AnswerColumn("pipeline_key", "Key of the pipeline that the box is in now."),
        AnswerColumn(
            "stage_key", "Key of the stage that the box is in now; unique only inside its pipeline."
        ),
    ),
    sql=_SQL,
    reads=(
        "pipeline_boxes",
        "box_tasks",
        "box_comments",
        "box_meetings",
        "box_threads",
        "pipelines",
        "people",
        "stages",
    ),
)
