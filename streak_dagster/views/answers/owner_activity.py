"""What each person did in each week."""

from __future__ import annotations

from .. import sql
from ..answer import Answer, AnswerColumn
from .followups_due import PEOPLE_OF_TASK

_DEEDS = ("comments", "meetings", "calls", "emails_sent", "tasks_done", "stage_moves")

_SQL = f"""\
WITH mail AS (
  SELECT DISTINCT thread, email, moment FROM ({sql.SENT_MAIL})
), address AS (
  SELECT lower(email) AS email, min(person_key) AS person_key
  FROM {{people}} WHERE email IS NOT NULL GROUP BY lower(email)
), done AS (
  SELECT
    unnest(CASE WHEN len(entries) > 0 THEN list_distinct([{sql.member_key("x")} FOR x IN entries])
      ELSE [creator_key] END) AS person_key,
    moment
  FROM (
    SELECT {sql.members(PEOPLE_OF_TASK)} AS entries, creator_key, last_status_change_date AS moment
    FROM {{box_tasks}}
    WHERE status = 'DONE' AND is_draft IS DISTINCT FROM true
  )
), deed AS (
  SELECT 'comments' AS deed, creator_key AS person_key, timestamp AS moment FROM {{box_comments}}
  UNION ALL
  SELECT
    CASE WHEN meeting_type = 'CALL_LOG' THEN 'calls' ELSE 'meetings' END,
    creator_key,
    coalesce(start_timestamp, creation_date)
  FROM {{box_meetings}}
  WHERE is_draft IS DISTINCT FROM true
  UNION ALL
  SELECT 'emails_sent', address.person_key, mail.moment FROM mail JOIN address ON address.email = mail.email
  UNION ALL
  SELECT 'tasks_done', person_key, moment FROM done
  UNION ALL
  SELECT 'stage_moves', creator_key, timestamp FROM {{newsfeed}} WHERE newsfeed_entry_specific = 'EDIT_STAGE'
), weekly AS (
  SELECT
    person_key,
    date_trunc('week', {sql.utc("moment")})::DATE AS week,
    {", ".join(f"count(*) FILTER (WHERE deed = '{each}') AS {each}" for each in _DEEDS)}
  FROM deed
  WHERE person_key IS NOT NULL AND moment <= {sql.NOW}
  GROUP BY ALL
)
SELECT
  coalesce(people.person, weekly.person_key) AS person,
  weekly.week,
  strftime(weekly.week, '%G-W%V') AS iso_week,
  {", ".join(f"weekly.{each}" for each in _DEEDS)},
  weekly.person_key
FROM weekly
LEFT JOIN {{people}} AS people ON people.person_key = weekly.person_key"""

OWNER_ACTIVITY = Answer(
    name="owner_activity",
    question="Who did how much, week by week?",
    description=(
        "What each person did in each week, one row for a person and a week with anything in it.\n\n"
        "Weeks are those of ISO 8601, Monday to Sunday, in UTC. Streak doesn't say who marked a task as "
        "done: it "
        "counts for each of those to whom it is assigned, or for who made it. E-mails are those in threads "
        "that are "
        "filed in boxes, once each, sent from the address by which the team knows the person. Moves between "
        "stages "
        "are as far back as the newsfeed. Drafts and meetings to come are left out."
    ),
    example=(
        "SELECT person, iso_week, comments + meetings + calls + emails_sent + tasks_done AS deeds\n"
        "FROM streak_views.owner_activity\n"
        "WHERE week > current_date - 60\nORDER BY iso_week DESC, deeds DESC"
    ),
    columns=(
        AnswerColumn("person", "Name of the person; the user's key where no name is known.", personal=True),
        AnswerColumn("week", "Monday of the week, in UTC.", type="DATE"),
        AnswerColumn("iso_week", "The week as year and number, for example 2026-W09."),
        AnswerColumn("comments", "Comments written.", type=sql.COUNT),
        AnswerColumn("meetings", "Meetings with notes, by when they began.", type=sql.COUNT),
        AnswerColumn("calls", "Calls logged, by when they began.", type=sql.COUNT),
        AnswerColumn("emails_sent", "E-mails sent that are filed in boxes.", type=sql.COUNT),
        AnswerColumn("tasks_done", "Tasks that were assigned to the person and done.", type=sql.COUNT),
        AnswerColumn("stage_moves", "Boxes moved to another stage, as the newsfeed tells.", type=sql.COUNT),
        AnswerColumn("person_key", "Streak's key of the user."),
    ),
    sql=_SQL,
    reads=("box_comments", "box_meetings", "box_threads", "box_tasks", "newsfeed", "people"),
)
