"""All routes."""

from __future__ import annotations

from ..routing import Router
from . import activity, boxes, children, people, pipelines, search

ROUTER = Router(
    [*people.ROUTES, *pipelines.ROUTES, *boxes.ROUTES, *children.ROUTES, *activity.ROUTES, *search.ROUTES]
)
