"""The one door to the sandbox: the sample that is copied where there is no key, and the server by itself."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


class Served(NamedTuple):
    """A sandbox that serves the sample: its address, and the folder of its budget.

    Nobody else calls it, so its budget needs no lasting place.
    """

    url: str
    budget_folder: Path


@contextmanager
def served_sample(key: str) -> Iterator[Served]:
    """Serve the sample to whoever has the key, on a free port of this machine, while the block runs."""
    from streak_dagster.sandbox import Sandbox, sample_workspace  # noqa: PLC0415 - only where needed

    with (
        Sandbox(sample_workspace(), key=key) as sandbox,
        tempfile.TemporaryDirectory(prefix="streak-sandbox-") as folder,
    ):
        yield Served(sandbox.url, Path(folder))


def serve(arguments: Sequence[str]) -> int:
    """What ``python -m streak_dagster.sandbox`` does with these arguments. The exit status."""
    from streak_dagster.sandbox.__main__ import main  # noqa: PLC0415

    try:
        return main([*arguments])
    except SystemExit as ended:  # argparse's own way to show help or refuse an argument
        if ended.code is None:
            return 0
        return ended.code if isinstance(ended.code, int) else 1
