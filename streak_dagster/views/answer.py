"""What may be said of a ready answer: a view over all pipelines, with the question that it answers."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class AnswerColumn:
    """A column of an answer. ``personal`` marks data about a person."""

    name: str
    description: str
    personal: bool = False


@dataclass(frozen=True)
class Answer:
    """A view ``streak_views.<name>``; in its ``sql`` a table or another answer is written ``{name}``.

    ``reads`` are the names of the tables and answers in it, ``example`` is one query of the view.
    """

    name: str
    description: str
    question: str
    example: str
    columns: tuple[AnswerColumn, ...]
    sql: str
    reads: tuple[str, ...]
