"""What is going on with each contact."""

from __future__ import annotations

from .. import sql
from ..answer import Answer, AnswerColumn

_ADDRESS = sql.words(f"lower({sql.text_of('entry')})")

_SQL = f"""\
WITH contact AS (
  SELECT key, {sql.words("concat_ws(' ', trim(given_name), trim(family_name))")} AS name, email_addresses
  FROM {{contacts}}
  UNION ALL
  SELECT DISTINCT contact_key, NULL, NULL FROM {{box_contacts}}
  WHERE contact_key NOT IN (SELECT key FROM {{contacts}})
), address AS (
  SELECT key, {_ADDRESS} AS email, min(place) AS place
  FROM (
    SELECT key, unnest(entries) AS entry, generate_subscripts(entries, 1) AS place
    FROM (SELECT key, {sql.members("email_addresses")} AS entries FROM contact)
  )
  GROUP BY key, {_ADDRESS}
), addresses AS (
  SELECT key, list(email ORDER BY place, email) AS emails FROM address WHERE email IS NOT NULL GROUP BY key
), taking_part AS (
  SELECT key AS thread, {_ADDRESS} AS email, last_email_timestamp AS moment
  FROM (
    SELECT key, last_email_timestamp, unnest({sql.members("email_addresses")}) AS entry FROM {{box_threads}}
  )
), mail AS (
  SELECT
    address.key,
    count(DISTINCT mail.thread) AS threads,
    max(mail.moment) FILTER (WHERE mail.moment <= {sql.NOW}) AS last_email,
    max(mail.moment) FILTER (WHERE mail.is_sent AND mail.moment <= {sql.NOW}) AS last_heard
  FROM address
  JOIN (
    SELECT thread, email, moment, false AS is_sent FROM taking_part
    UNION ALL
    SELECT thread, email, moment, true FROM ({sql.SENT_MAIL})
  ) AS mail ON mail.email = address.email
  GROUP BY address.key
), link AS (
  SELECT DISTINCT contact_key, box_key FROM {{box_contacts}}
), box AS (
  SELECT
    link.contact_key,
    count(*) AS boxes,
    count(*) FILTER (WHERE coalesce(stage.outcome, 'open') = 'open') AS open_boxes,
    string_agg({sql.words("box.name")}, ', ' ORDER BY box.name, box.key) AS box_names
  FROM link
  JOIN {{pipeline_boxes}} AS box ON box.key = link.box_key
  LEFT JOIN {{stages}} AS stage ON stage.pipeline_key = box.pipeline_key AND stage.stage_key = box.stage_key
  GROUP BY link.contact_key
), meeting AS (
  SELECT
    link.contact_key,
    count(*) FILTER (WHERE meeting.meeting_type IS DISTINCT FROM 'CALL_LOG') AS meetings,
    count(*) FILTER (WHERE meeting.meeting_type = 'CALL_LOG') AS calls,
    max(meeting.start_timestamp) AS last_meeting
  FROM link
  JOIN {{box_meetings}} AS meeting ON meeting.box_key = link.box_key
  WHERE meeting.is_draft IS DISTINCT FROM true AND meeting.start_timestamp <= {sql.NOW}
  GROUP BY link.contact_key
)
SELECT
  coalesce(contact.name, addresses.emails[1]) AS contact,
  array_to_string(addresses.emails, ', ') AS emails,
  coalesce(box.boxes, 0) AS boxes,
  coalesce(box.open_boxes, 0) AS open_boxes,
  box.box_names,
  CASE WHEN addresses.key IS NOT NULL THEN coalesce(mail.threads, 0) END AS threads,
  mail.last_email,
  mail.last_heard,
  {sql.days_so_far("mail.last_email")} AS days_since_email,
  coalesce(meeting.meetings, 0) AS meetings,
  coalesce(meeting.calls, 0) AS calls,
  meeting.last_meeting,
  contact.key AS contact_key
FROM contact
LEFT JOIN addresses ON addresses.key = contact.key
LEFT JOIN mail ON mail.key = contact.key
LEFT JOIN box ON box.contact_key = contact.key
LEFT JOIN meeting ON meeting.contact_key = contact.key"""

CONTACT_ACTIVITY = Answer(
    name="contact_activity",
    question="Which people are we in touch with, about what, and who has gone quiet?",
    description=(
        "Every contact with its boxes, e-mails and meetings, one row a contact.\n\n"
        "E-mail is matched by the contact's addresses, over all threads that are filed in boxes; of a "
        "contact without "
        "an address nothing is known of it. Streak doesn't say who was in a meeting: the meetings and calls "
        "are those of "
        "the boxes that the contact is linked to."
    ),
    example=(
        "SELECT contact, box_names, last_email, days_since_email\nFROM streak_views.contact_activity\n"
        "WHERE open_boxes > 0 AND days_since_email > 30\nORDER BY days_since_email DESC"
    ),
    columns=(
        AnswerColumn(
            "contact",
            "Given and family name, else the first e-mail address; NULL where neither is known.",
            personal=True,
        ),
        AnswerColumn("emails", "The contact's e-mail addresses, joined by commas.", personal=True),
        AnswerColumn("boxes", "Number of boxes that the contact is linked to now.", type=sql.COUNT),
        AnswerColumn("open_boxes", "Number of those that are neither won nor lost now.", type=sql.COUNT),
        AnswerColumn("box_names", "What those boxes are called now, joined by commas.", personal=True),
        AnswerColumn(
            "threads",
            "Number of e-mail threads in which one of the addresses takes part; NULL without an address.",
            type=sql.COUNT,
        ),
        AnswerColumn(
            "last_email", "When the latest e-mail of those threads was sent, by anybody.", type=sql.MOMENT
        ),
        AnswerColumn("last_heard", "When the contact last sent one.", type=sql.MOMENT),
        AnswerColumn("days_since_email", "Complete days since last_email.", type=sql.COUNT),
        AnswerColumn("meetings", "Number of meetings held that are noted on those boxes.", type=sql.COUNT),
        AnswerColumn("calls", "Number of calls logged on those boxes.", type=sql.COUNT),
        AnswerColumn("last_meeting", "When the latest of those meetings and calls began.", type=sql.MOMENT),
        AnswerColumn("contact_key", "Streak's key of the contact."),
    ),
    sql=_SQL,
    reads=("contacts", "box_contacts", "box_threads", "box_meetings", "pipeline_boxes", "stages"),
)
