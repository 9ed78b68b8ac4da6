"""In which shapes Streak answers: sources differ, and so may rollouts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from streak_dagster.api.answers import NO_CONTENT

if TYPE_CHECKING:
    from collections.abc import Iterable

    from streak_dagster.api.envelopes import Record


def shape_of(body: Any) -> str:
    """How an answer wraps its list, in the notation of the API's documentation."""
    if body is NO_CONTENT:
        return "nothing (204)"
    if isinstance(body, list):
        return "[…]"
    if "results" in body:
        return "{" + ", ".join(["results", *sorted(set(body) - {"results"})]) + "}"
    return "{key: …}"


def people_in(tasks: Iterable[Record]) -> str:
    """How tasks name people: by keys, or as the newer "sharing entries"; empty where there is none to see."""
    names = {name for task in tasks for name in task}
    if names & {"creatorSharingEntry", "assignedToSharingEntries"}:
        return "sharing entries"
    return "keys" if names & {"creator", "assignedTo"} else ""
