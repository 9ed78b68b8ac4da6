"""The assets, one small file a family. Each is its table's declaration and whom to ask for its rows."""

from streak_dagster.assets.activity import box_comments, box_meetings, box_tasks, box_threads
from streak_dagster.assets.boxes import pipeline_boxes
from streak_dagster.assets.pipelines import pipeline_fields, pipeline_stages, pipelines
from streak_dagster.assets.workspace import snippets, teams

ALL_ASSETS = [
    teams,
    pipelines,
    pipeline_stages,
    pipeline_fields,
    pipeline_boxes,
    box_comments,
    box_meetings,
    box_tasks,
    box_threads,
    snippets,
]
