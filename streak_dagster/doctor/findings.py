"""What a probe found, and what becomes of one that fails or doesn't end."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any

from streak_dagster.errors import StreakDagsterError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping


class Mark(Enum):
    """How it is: well; well enough to go on; or so that a refresh would fail."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True)
class Finding:
    """The answer to one question.

    ``question`` is a word or two, by which scripts know it. ``advice`` is what to do, where something is to
    be done. ``facts`` are the figures behind the text, for programs.
    """

    question: str
    mark: Mark
    text: str
    advice: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def sentence(self) -> str:
        """The text and the advice."""
        return f"{self.text} {self.advice}".strip()


def failed(question: str, error: BaseException, advice: str = "") -> Finding:
    """The finding that an error is."""
    if isinstance(error, StreakDagsterError):
        text = str(error)
    elif isinstance(error, OSError):
        text = f"{error.strerror or error}{f': {error.filename}' if error.filename else ''}."
    else:
        text = f"{type(error).__name__}: {error}".splitlines()[0]
    return Finding(question, Mark.FAIL, text, advice)


class Probing:
    """A probe at work in a thread of its own, which is left behind where it doesn't end.

    ``question`` is what it is called where it fails as a whole.
    """

    def __init__(self, question: str, probe: Callable[[], Iterable[Finding]]) -> None:
        self._question = question
        self._probe = probe
        self._found: list[Finding] = []
        self._began = time.monotonic()
        self._thread = threading.Thread(target=self._run, name=f"doctor-{question}", daemon=True)
        self._thread.start()

    def findings(self, seconds: float) -> list[Finding]:
        """What it found until it ended, or until so many seconds after it began."""
        self._thread.join(max(0.0, self._began + seconds - time.monotonic()))
        found = list(self._found)
        if self._thread.is_alive():
            text = f"There is no answer after {seconds:g} s, so nothing more is known."
            found.append(Finding(self._question, Mark.FAIL, text))
        return found

    def _run(self) -> None:
        try:
            for finding in self._probe():
                self._found.append(finding)  # what was found before an error stays
        except Exception as error:  # noqa: BLE001 - one that fails is told, and stops no other
            self._found.append(failed(self._question, error))
