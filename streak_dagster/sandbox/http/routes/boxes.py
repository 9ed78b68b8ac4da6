"""Boxes: lists, batches, one box, its field values and its markdown."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timezone
from functools import cache
from typing import Any, cast, get_args

from ...answers import Answer
from ...objects.types import Json
from ...workspace.boxes import SortBy
from ..call import Call, HTTPError
from ..routing import Route, slow
from ..shapes import shape_box

MAX_LISTED = 20_000
"""More boxes than this and `GET /v1/boxes` fails with the 503 that production showed (API notes 3.6)."""


def _shaper(call: Call) -> Callable[[str], Json]:
    """From a box key to its answer; field types are looked up once a pipeline."""

    @cache
    def field_types(pipeline_key: str) -> Mapping[str, str]:
        return {each["key"]: each["type"] for each in call.workspace.fields(pipeline_key)}

    return lambda key: shape_box(call.workspace.box(key), call.variants, field_types)


def _boxes(call: Call, keys: Sequence[str]) -> list[Json]:
    """Answers for keys; a box that was deleted while its page was being made is left out."""
    shape, found = _shaper(call), []
    for key in keys:
        with suppress(KeyError):
            found.append(shape(key))
    return found


def _page(call: Call, pipeline_key: str) -> tuple[list[Json], bool]:
    """One page of a pipeline's boxes and whether there are more.

    `max_page_limit` cuts every page short without a word, as an unpublished maximum would; pages then are
    this long, so nothing is skipped, but a page is shorter than was asked for.
    """
    order = cast("SortBy | None", call.choice("sortBy", get_args(SortBy)))
    keys = call.workspace.box_keys(pipeline_key, sort_by=order, stage_key=call.text("stageKey"))
    places = _with_unseen(keys, call.variants.unseen_boxes)
    page = call.number("page") or 0
    limit = call.number("limit", minimum=1)
    cap = call.variants.max_page_limit
    if cap is not None:
        limit = min(limit or cap, cap)
    if limit is None:
        return (_boxes(call, keys), False) if page == 0 else ([], False)
    # A client of the v2 list counts boxes instead of pages; whether Streak does is unproven (3.6).
    first = page * limit or call.number("offset") or 0
    shown = [key for key in places[first : first + limit] if key is not None]
    return _boxes(call, shown), first + limit < len(places)


def _with_unseen(keys: Sequence[str], every: int | None) -> Sequence[str | None]:
    """The places of a list, None for each that is filtered out after its page was cut."""
    if every is None:
        return keys
    parts = [keys[first : first + every] for first in range(0, len(keys), every)]
    return [place for part in parts for place in (*part, *([None] if len(part) == every else ()))]


@slow
def v1_list(call: Call, pipeline_key: str) -> Any:
    """A bare array, or wrapped, as the envelope variant says."""
    if call.variants.ignore_paging:
        found, more = _boxes(call, call.workspace.box_keys(pipeline_key)), False
    else:
        found, more = _page(call, pipeline_key)
    envelope = call.variants.v1_boxes_envelope
    if envelope == "wrapped" or (envelope == "wrapped_when_paged" and call.text("page") is not None):
        return call.wrapped(found, more=more)
    return found


@slow
def v2_list(call: Call, pipeline_key: str) -> Json:
    """Always wrapped."""
    found, more = _page(call, pipeline_key)
    return call.wrapped(found, more=more)


@slow
def every_box(call: Call) -> list[Json]:
    """Every box of every pipeline, a bare array."""
    keys = [call.workspace.box_keys(pipeline["key"]) for pipeline in call.workspace.pipelines()]
    if sum(map(len, keys)) > MAX_LISTED:
        raise HTTPError(503, "Service unavailable", kind="failed")
    return [box for some in keys for box in _boxes(call, some)]


def one(call: Call, key: str) -> Json:
    """One box."""
    return _shaper(call)(key)


@slow
def batch(call: Call, pipeline_key: str) -> list[Json] | None:
    """Boxes of a pipeline by their keys; unknown ones, gone ones and those of other pipelines are left out.

    With the variant `missing_404` one such key fails the whole call. With `unsupported` the path isn't there.
    """
    if call.variants.box_batch == "unsupported":
        raise HTTPError(404, f"Not found: /api/v1/pipelines/{pipeline_key}/boxes/batch", "unknown")
    call.workspace.pipeline(pipeline_key)
    keys = call.key_list()
    if keys is None:
        return None
    found = _boxes(call, [key for key in keys if key not in call.gone])
    found = [box for box in found if box["pipelineKey"] == pipeline_key]
    if call.variants.box_batch == "missing_404" and len(found) < len(keys):
        raise HTTPError(404, "Not found", "missing")
    return found


def values(call: Call, key: str) -> list[Json]:
    """All fields of the box's pipeline; one that isn't set has no `value` (API notes 3.7)."""
    box = one(call, key)
    return [_value(call, box, each["key"]) for each in call.workspace.fields(box["pipelineKey"])]


def value(call: Call, key: str, field_key: str) -> Json:
    """One field's value."""
    box = one(call, key)
    if field_key not in {each["key"] for each in call.workspace.fields(box["pipelineKey"])}:
        raise KeyError(field_key)
    return _value(call, box, field_key)


def _value(call: Call, box: Json, field_key: str) -> Json:
    if field_key in box["fields"]:
        return {"key": field_key, "value": box["fields"][field_key]}
    return {"key": field_key, "value": None} if call.variants.unset == "null" else {"key": field_key}


def markdown(call: Call, key: str) -> Answer:
    """The box for a reader: best effort and unstable, as the contract says."""
    box = call.workspace.box(key)
    tokens = call.number("maxTokens")
    if tokens is not None and tokens < 100:  # invented: the real minimum is unknown
        raise HTTPError(400, "maxTokens is too small")
    comments = [f"- {_iso(each['timestamp'])}: {each['message']}" for each in call.workspace.comments(key)]
    created = f"Created: {_iso(box['creationTimestamp'])}"
    head = "\n\n".join((f"# {box['name']}", created, box["notes"] or "", "## Comments"))
    text = "\n".join((head, *comments))
    return Answer(
        200, (text[: tokens * 4] if tokens else text).encode(), content_type=b"text/markdown; charset=utf-8"
    )


def _iso(milliseconds: int) -> str:
    return datetime.fromtimestamp(milliseconds / 1000, timezone.utc).isoformat(timespec="seconds")


ROUTES: list[Route] = [
    ("GET", "v1/boxes", every_box),
    ("GET", "v1/boxes/*", one),
    ("GET", "v1/boxes/*/md", markdown),
    ("GET", "v1/boxes/*/fields", values),
    ("GET", "v1/boxes/*/fields/*", value),
    ("GET", "v1/pipelines/*/boxes", v1_list),
    ("GET", "v2/pipelines/*/boxes", v2_list),
    ("POST", "v1/pipelines/*/boxes/batch", batch),
    ("POST", "v1/pipelines/*/boxes/batch/", batch),
]
