"""A reader that polls all tables while they are refreshed, edited and refreshed again."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from dagster import ExecuteInProcessResult

from streak_dagster.sandbox import Sandbox
from streak_dagster_tests.endurance.accounts import move_on
from streak_dagster_tests.endurance.contents import Content, contents
from streak_dagster_tests.sync.processes import process

REFRESHES = ("second", "third")
READER = "streak_dagster_tests.endurance.reader"


def test_a_reader_sees_each_table_as_it_was_published_and_never_anything_else(
    load: Callable[..., ExecuteInProcessResult], sandbox: Sandbox, database: Path
) -> None:
    sandbox.latency = 0
    published = [contents(database)]
    with process(READER, database) as reader:
        assert reader.stdout is not None
        lines = [reader.stdout.readline()]
        for word in REFRESHES:
            move_on(sandbox.workspace, word)
            assert load(sandbox, database).success
            published.append(contents(database))
        more, complaint = reader.communicate(timeout=60)
    assert reader.returncode == 0, complaint
    *views, looks = [json.loads(line) for line in [*lines, *more.splitlines()]]
    assert looks > len(REFRESHES)
    for view in views:
        assert view.keys() == published[0].keys()
        for table, seen in view.items():
            assert Content(*seen) in [generation[table] for generation in published], table
    assert len(views) > len(REFRESHES), "the reader saw no refresh under way"
