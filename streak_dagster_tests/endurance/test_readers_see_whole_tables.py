"""A reader that polls all tables while they are refreshed, edited and refreshed again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from streak_dagster.sandbox import Sandbox
from streak_dagster_tests.support.accounts import move_on
from streak_dagster_tests.support.contents import Content, contents
from streak_dagster_tests.support.loading import Load
from streak_dagster_tests.support.processes import process
from streak_dagster_tests.support.waiting import MAX_WAIT

pytestmark = pytest.mark.slow

REFRESHES = ("second", "third")
READER = "streak_dagster_tests.support.workers.reader"


def as_seen(line: str) -> dict[str, Content]:
    return {table: Content(*seen) for table, seen in json.loads(line).items()}


def test_a_reader_sees_each_table_as_it_was_published_and_never_anything_else(
    load: Load, sandbox: Sandbox, database: Path
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
            while as_seen(lines[-1]) != published[-1]:  # a reader may be slow, but sees it in the end
                lines.append(reader.stdout.readline())
        more, complaint = reader.communicate(timeout=MAX_WAIT)
    assert reader.returncode == 0, complaint
    *views, looks = [json.loads(line) for line in [*lines, *more.splitlines()]]
    assert looks > len(REFRESHES)
    for view in views:
        assert view.keys() == published[0].keys()
        for table, seen in view.items():
            assert Content(*seen) in [generation[table] for generation in published], table
    assert len(views) > len(REFRESHES), "the reader saw no refresh under way"
