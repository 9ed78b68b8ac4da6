"""Measuring a case: its contestants in turn, each with a server and a folder of its own."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .contestants import dlt, ours, plain
from .figures import by_case
from .measure import FailedError, run
from .report import table
from .server import serving
from .truth import Truth

if TYPE_CHECKING:
    from collections.abc import Callable

    from .cases import Case
    from .contestants import Step
    from .results import Record, Results
    from .server import Server

CONTESTANTS: dict[str, Callable[[Case, Server, Path], list[Step]]] = {
    "ours": ours.steps,
    "dlt": dlt.steps,
    "dlt-unpaced": dlt.steps_unpaced,
    "plain": plain.steps,
}


def measure(
    results: Results, case: Case, contestants: list[str], *, rounds: int | None = None, resume: bool = False
) -> bool:
    """Measure a case and keep each contestant's round at once; returns whether none failed.

    One that fails is told and left out; what was measured of it before stays dropped.
    """
    well = True
    print(f"{case.title}", flush=True)
    for number in range(case.rounds if rounds is None else rounds):
        for contestant in case.taking_part(number, contestants):
            which = {
                "boxes": case.boxes,
                "latency_ms": case.latency_ms,
                "rate": case.rate,
                "contestant": contestant,
            }
            if resume and results.has("copying", round=number, **which):
                continue
            if number == 0 and not resume:
                results.drop("copying", **which)
            try:
                found = one_round(case, contestant, changed=number < case.changed)
            except FailedError as error:
                print(f"  {contestant} failed: {error}", flush=True)
                well = False
                continue
            results.add("copying", [{**which, "round": number, **each} for each in found])
            for each in found:
                print(
                    f"  {contestant}, {each['step']}: {each['seconds']:.1f} s, {each['calls']:,} calls",
                    flush=True,
                )
    for shown, figures in by_case(results.data["copying"]):
        if shown.name == case.name:
            print("\n".join(["", *table(figures), ""]), flush=True)
    return well


def one_round(case: Case, contestant: str, *, changed: bool) -> list[Record]:
    """Each step of a contestant, once, with or without those of changed refreshes; raises `FailedError`."""
    found: list[dict[str, Any]] = []
    truth = Truth(case.boxes)
    folder = Path(tempfile.mkdtemp(prefix="side-by-side-"))
    try:
        with serving(case) as server:
            for step in CONTESTANTS[contestant](case, server, folder):
                if step.changed and not changed:
                    continue
                if step.edits:
                    truth.edit(server)
                took = run(step.command, step.environment, folder / f"{contestant}.log", server)
                found.append(
                    {"step": step.name, **took, "differences": truth.differences(step.database, step.schema)}
                )
    finally:
        shutil.rmtree(folder)
    return found
