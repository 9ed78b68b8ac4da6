"""A walk that is killed, and how much of it is under way at a time."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from streak_dagster.sandbox import generated_workspace
from streak_dagster.sync.walk import Parent
from streak_dagster.tables import BOX_COMMENTS
from streak_dagster_tests.support.accounts import all_boxes
from streak_dagster_tests.support.answers import (
    Connect,
    as_parents,
    asked,
    comment_keys,
    stored_keys,
)
from streak_dagster_tests.support.processes import process
from streak_dagster_tests.support.sandboxes import sandbox_of
from streak_dagster_tests.support.waiting import MAX_WAIT, eventually

pytestmark = pytest.mark.slow

WORKER = "streak_dagster_tests.support.workers.walk"


@pytest.mark.parametrize("arrivals", [1, 50, 150])
def test_a_killed_walk_is_gone_on_with_by_another_process(
    connect: Connect, tmp_path: Path, arrivals: int
) -> None:
    workspace = generated_workspace(300, seed=3)
    boxes = all_boxes(workspace)
    with (
        sandbox_of(workspace, latency=0.01) as sandbox,
        process(WORKER, sandbox.url, tmp_path, *boxes) as walker,
    ):
        eventually(
            lambda: len(sandbox.journal) >= arrivals, going_on=lambda: walker.poll() is None, pause=0.001
        )
        walker.kill()
        walker.wait()
    # Closed, it has taken in the dead process's last calls, which a busy one does late.
    before = asked(sandbox)
    assert sum(before.values()) >= arrivals
    with sandbox_of(workspace) as sandbox:
        refresh = connect(sandbox.url).fetch(BOX_COMMENTS, as_parents(boxes))
        after = asked(sandbox)
    assert len(after) == refresh.spent.calls == len(boxes) - refresh.resumed
    # Only what was on its way when the process died may be asked for again.
    assert sum((before & after).values()) <= 6
    assert stored_keys(refresh) == comment_keys(workspace, boxes)
    refresh.spool.discard()


class _Counter(BaseHTTPRequestHandler):
    """Answers every GET with an empty list, and counts how many wait at a time.

    No answer is given before as many have waited together as ``expected``.
    """

    protocol_version = "HTTP/1.1"
    lock = threading.Lock()
    expected = 1
    together = threading.Event()
    waiting = 0
    most = 0

    def do_GET(self) -> None:
        counter = type(self)
        with self.lock:
            counter.waiting += 1
            counter.most = max(self.most, self.waiting)
            if self.waiting >= self.expected:
                self.together.set()
        self.together.wait(MAX_WAIT)
        time.sleep(0.01)  # for one more than is allowed to come
        with self.lock:
            counter.waiting -= 1
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"[]")

    def log_message(self, *_: object) -> None:
        """Nothing."""


@contextmanager
def counting_server(expected: int) -> Iterator[tuple[str, type[_Counter]]]:
    handler = type("Handler", (_Counter,), {"expected": expected, "together": threading.Event()})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        serving.start()
        yield f"http://127.0.0.1:{server.server_port}/api", handler
        server.shutdown()
        serving.join()


@pytest.mark.parametrize("in_flight", [1, 5])
def test_no_more_calls_are_under_way_than_the_client_allows(connect: Connect, in_flight: int) -> None:
    with counting_server(expected=in_flight) as (url, counter):
        refresher = connect(url, in_flight=in_flight)
        refresh = refresher.fetch(BOX_COMMENTS, [Parent(f"box{number}") for number in range(40)])
        refresh.spool.discard()
    assert refresh.spent.calls == 40
    assert counter.most == in_flight
