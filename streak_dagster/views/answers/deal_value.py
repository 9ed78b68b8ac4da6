"""Which custom field holds the value of a deal: what a team says, or else what the field's name says."""

from __future__ import annotations

from streak_dagster.warehouse.ddl import literal

from .. import sql
from .value_words import VALUE_WORDS

_WITHOUT_SPACES = 0x2E80
"""The scripts from here on, such as Chinese, put no space between words."""

_WORDS = ",\n      ".join(
    f"({place}, {literal(word)}, {str(ord(word[0]) >= _WITHOUT_SPACES).lower()})"
    for place, words in enumerate(VALUE_WORDS)
    for word in words
)

VALUE_FIELD = f"""\
field AS (
  SELECT pipeline_key, key AS field_key, name, position, {sql.reading("name")} AS reading
  FROM {{pipeline_fields}}
), word (place, text, is_part) AS (
  VALUES
    {_WORDS}
), named AS (
  SELECT
    field.pipeline_key,
    field.field_key,
    min(word.place) AS place,
    bool_or(field.reading = word.text) AS is_all,
    any_value(field.position) AS position
  FROM field JOIN word
    ON contains(' ' || field.reading || ' ', ' ' || word.text || ' ')
    OR word.is_part AND contains(field.reading, word.text)
  GROUP BY field.pipeline_key, field.field_key
), number AS (
  SELECT pipeline_key, field_key
  FROM {{box_field_values_versions}}
  WHERE _change <> 'delete' AND (pipeline_key, field_key) IN (SELECT pipeline_key, field_key FROM named)
  GROUP BY pipeline_key, field_key
  HAVING count(value_number) > 0 AND count(value_number) * 2 >= count(*)
), by_word AS (
  SELECT
    named.pipeline_key,
    first(named.field_key ORDER BY place, is_all DESC, position NULLS LAST, named.field_key) AS field_key
  FROM named
  JOIN number ON number.pipeline_key = named.pipeline_key AND number.field_key = named.field_key
  GROUP BY named.pipeline_key
), by_hand AS (
  SELECT
    pipeline.key AS pipeline_key,
    first(field.field_key ORDER BY said.pipeline_key IS NULL, position NULLS LAST, field.field_key)
      AS field_key
  FROM {{value_fields}} AS said
  JOIN {{pipelines}} AS pipeline ON said.pipeline_key IS NULL
    OR lower(trim(said.pipeline_key)) IN (lower(pipeline.key), lower(trim(pipeline.name)))
  LEFT JOIN field ON field.pipeline_key = pipeline.key
    AND lower(trim(said.field_key)) IN (lower(field.field_key), lower(trim(field.name)))
  WHERE said.field_key IS NULL OR field.field_key IS NOT NULL
  GROUP BY pipeline.key
), value_field AS MATERIALIZED (
  SELECT field.pipeline_key, field.field_key, field.name
  FROM field
  LEFT JOIN by_word ON by_word.pipeline_key = field.pipeline_key
  LEFT JOIN by_hand ON by_hand.pipeline_key = field.pipeline_key
  WHERE field.field_key =
    CASE WHEN by_hand.pipeline_key IS NULL THEN by_word.field_key ELSE by_hand.field_key END
)"""
"""The parts of a WITH whose last, ``value_field``, has the value field of each pipeline that has one:
``pipeline_key``, ``field_key``, ``name``.

They aren't a WITH of their own, which DuckDB 1.4.0 doesn't find its way in.

Of several that a name speaks for, one whose words are those of an earlier group of ``VALUE_WORDS``, then one
that is called so and nothing else, then the first of the pipeline. At least half of its values are numbers.
"""

READS = ("pipelines", "pipeline_fields", "box_field_values_versions", "value_fields")
