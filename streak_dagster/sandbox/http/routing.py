"""Which function answers which path."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

Handler = Callable[..., Any]
"""Gets the `Call` and the path's keys; returns a JSON value or a finished `Answer`."""
H = TypeVar("H", bound=Handler)
Route = tuple[str, str, Handler]
"""Method, path below `/api` with `*` for each key, handler: `("GET", "v1/boxes/*", one_box)`."""


_SLOW: set[Handler] = set()


def slow(handler: H) -> H:
    """Mark a route that may look at many objects.

    Slow routes run in a thread. A page of 1000 boxes takes a quarter of a second: on the event loop, calls
    that arrive meanwhile would be stamped late and close together, and the journal would show more calls in a
    second than the client made.
    """
    _SLOW.add(handler)
    return handler


def is_slow(handler: Handler) -> bool:
    """Whether `slow` marked it."""
    return handler in _SLOW


class Router:
    """A tree of path segments: finding a route costs one dictionary look-up a segment."""

    def __init__(self, routes: Iterable[Route]) -> None:
        self._root: dict[str | None, Any] = {}
        for method, path, handler in routes:
            node = self._root
            for segment in path.split("/"):
                node = node.setdefault(segment, {})
            _, methods = node.setdefault(None, (path, {}))
            assert method not in methods, f"{method} {path} is there twice"
            methods[method] = handler

    def find(self, path: str) -> Found | None:
        """What is known of a path (below `/api/`); None for an unknown one."""
        return _descend(self._root, path.split("/"), 0)


Found = tuple[str, dict[str, Handler], list[str]]
"""A route's path, its handlers by method, and the keys in the path that was asked for."""


def _descend(node: dict[Any, Any], segments: list[str], depth: int) -> Found | None:
    if depth == len(segments):
        return (*node[None], []) if None in node else None
    segment = segments[depth]
    if segment != "*" and segment in node:
        found = _descend(node[segment], segments, depth + 1)
        if found:
            return found
    if segment and "*" in node:
        found = _descend(node["*"], segments, depth + 1)
        if found:
            route, handlers, keys = found
            return route, handlers, [segment, *keys]
    return None
