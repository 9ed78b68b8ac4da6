"""The work: thirteen lists of Streak's API, as every contestant has to copy them.

Each is named like our table. What the two baselines need to know of a list is here once, so that none of
them is asked for less.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

PAGE = 100
CURSOR_PAGE = 1000


@dataclass(frozen=True)
class List:
    """``path`` has ``{parent}`` where the list is read once for each row of ``parent``, by its key.

    ``paging``: none; numbered, where Streak says whether there is a next page; silent, where it doesn't and
    an empty page is the end; cursor. ``wrapped``: rows are in ``results``. ``key``: columns that name a row;
    ``parent_column`` is one that the row itself lacks. ``value``: a further column that has to be true.
    """

    table: str
    path: str
    parent: str | None = None
    paging: Literal["none", "numbered", "silent", "cursor"] = "none"
    wrapped: bool = False
    key: tuple[str, ...] = ("key",)
    parent_column: str | None = None
    value: str | None = None


LISTS = (
    List("teams", "v2/users/me/teams", paging="numbered", wrapped=True),
    List("users", "v2/teams/{parent}/users", "teams", wrapped=True),
    List("pipelines", "v1/pipelines", value="name"),
    List(
        "pipeline_fields", "v1/pipelines/{parent}/fields", "pipelines", key=("pipeline_key", "key"),
        parent_column="pipeline_key",
    ),
    List("pipeline_boxes", "v1/pipelines/{parent}/boxes", "pipelines", paging="silent", value="name"),
    List("box_comments", "v2/boxes/{parent}/comments", "pipeline_boxes", wrapped=True, value="message"),
    List("box_meetings", "v2/boxes/{parent}/meetings", "pipeline_boxes", paging="numbered", wrapped=True),
    List(
        "box_tasks", "v2/boxes/{parent}/tasks", "pipeline_boxes",
        paging="numbered", wrapped=True, value="text",
    ),
    List(
        "box_threads", "v1/boxes/{parent}/threads", "pipeline_boxes", key=("box_key", "key"), value="subject",
    ),
    List("box_files", "v1/boxes/{parent}/files", "pipeline_boxes"),
    List("contacts", "v2/teams/{parent}/contacts", "teams", paging="cursor", wrapped=True),
    List(
        "organizations", "v2/teams/{parent}/organizations", "teams",
        paging="cursor", wrapped=True, value="name",
    ),
    List("snippets", "v1/snippets"),
)  # fmt: skip
