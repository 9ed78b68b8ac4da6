"""The checks of a run in a few lines, for a terminal: what didn't pass, why, and how many did."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dagster import AssetCheckSeverity

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dagster import AssetCheckEvaluation, AssetCheckKey

_MAX_LENGTH = 200
_MAX_EXAMPLES = 3


@dataclass(frozen=True)
class CheckReport:
    """The ``evaluations`` that a run made.

    ``expected`` are the checks that were to be made, each with whether its table was looked at: one that made
    no evaluation then has nothing to judge yet.
    """

    evaluations: Sequence[AssetCheckEvaluation]
    expected: Mapping[AssetCheckKey, bool]

    def warnings(self) -> list[AssetCheckEvaluation]:
        return [each for each in self._not_passed() if each.severity is AssetCheckSeverity.WARN]

    def errors(self) -> list[AssetCheckEvaluation]:
        return [each for each in self._not_passed() if each.severity is AssetCheckSeverity.ERROR]

    def good(self, *, strict: bool) -> bool:
        """Whether a command may end well; warnings count where it is ``strict``."""
        return not self.errors() and not (strict and self.warnings())

    def lines(self) -> list[str]:
        """One line for each check that didn't pass, errors first, one for those that wait, and the counts."""
        errors, warnings = self.errors(), self.warnings()
        passed = len(self.evaluations) - len(errors) - len(warnings)
        counts = f"{passed} checks passed, {len(warnings)} warn, {len(errors)} fail"
        made = {each.asset_check_key for each in self.evaluations}
        missing = {key: looked for key, looked in self.expected.items() if key not in made}
        waiting: dict[str, list[str]] = {}
        for key, looked in missing.items():
            if looked:
                waiting.setdefault(key.name, []).append(key.asset_key.path[-1])
        if not_run := len(missing) - sum(map(len, waiting.values())):
            counts += f", {not_run} could not be run"
        told = [f"{check} of {', '.join(assets)}" for check, assets in waiting.items()]
        waits = [f"Nothing to judge yet: {'; '.join(told)}"] if waiting else []
        return [*(_line(each) for each in (*errors, *warnings)), *waits, counts]

    def failed_lines(self) -> list[str]:
        """One line for each check that is an error."""
        return [_line(each) for each in self.errors()]

    def as_document(self) -> dict[str, Any]:
        """For a machine: how many passed, and each that didn't with its evidence."""
        errors, warnings = self.errors(), self.warnings()
        return {
            "passed": len(self.evaluations) - len(errors) - len(warnings),
            "not_passed": [
                {
                    "check": each.check_name,
                    "asset": each.asset_key.to_user_string(),
                    "severity": each.severity.value.lower(),
                    "evidence": {label: entry.value for label, entry in each.metadata.items()},
                }
                for each in (*errors, *warnings)
            ],
        }

    def _not_passed(self) -> list[AssetCheckEvaluation]:
        return [each for each in self.evaluations if not each.passed]


def _line(check: AssetCheckEvaluation) -> str:
    metadata = {label: entry.value for label, entry in check.metadata.items()}
    evidence = "; ".join(f"{label}: {_short(value)}" for label, value in metadata.items() if value)
    return f"{check.severity.value} {check.check_name} of {check.asset_key.to_user_string()}: {evidence}"


def _short(value: Any) -> str:
    """A number as it is; of a list or an object the first few, and how many more there are."""
    if isinstance(value, int):
        return f"{value:,}"
    if not isinstance(value, list | dict):
        return str(value)
    some: Any = value[:_MAX_EXAMPLES] if isinstance(value, list) else dict([*value.items()][:_MAX_EXAMPLES])
    text = json.dumps(some, ensure_ascii=False, default=str)
    if len(text) > _MAX_LENGTH:
        text = text[: _MAX_LENGTH - 1] + "…"
    left = len(value) - len(some)
    return f"{text} and {left} more" if left else text
