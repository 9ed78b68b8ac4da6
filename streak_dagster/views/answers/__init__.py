"""The ready answers, each a declaration in a module of its own. Data, no logic."""

from __future__ import annotations

from streak_dagster.views.answer import Answer

ALL_ANSWERS: tuple[Answer, ...] = ()
"""Every answer; one that another reads comes before it."""
