"""A walk that is killed, and how much of it is under way at a time."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from streak_dagster.sandbox import Sandbox, generated_workspace
from streak_dagster.sync.walk import Parent
from streak_dagster.tables import BOX_COMMENTS
from streak_dagster_tests.sync.answers import all_boxes, as_parents, asked, comment_keys, stored_keys
from streak_dagster_tests.sync.conftest import Connect
from streak_dagster_tests.sync.processes import process

WORKER = "streak_dagster_tests.sync.walk_worker"


@pytest.mark.parametrize("arrivals", [1, 50, 150])
def test_a_killed_walk_is_gone_on_with_by_another_process(
    connect: Connect, tmp_path: Path, arrivals: int
) -> None:
    workspace = generated_workspace(300, seed=3)
    boxes = all_boxes(workspace)
    with Sandbox(workspace, rate=0, latency=0.01) as sandbox:
        with process(WORKER, sandbox.url, tmp_path, *boxes) as walker:
            while len(sandbox.journal) < arrivals and walker.poll() is None:
                time.sleep(0.001)
            walker.kill()
            walker.wait()
        before = asked(sandbox)
        assert sum(before.values()) >= arrivals
        sandbox.journal.clear()
        sandbox.latency = 0.0
        refresh = connect(sandbox.url).ask(BOX_COMMENTS, as_parents(boxes))
        after = asked(sandbox)
    assert len(after) == refresh.calls == len(boxes) - refresh.resumed
    # Only what was on its way when the process died may be asked for again.
    assert sum((before & after).values()) <= 6
    assert stored_keys(refresh) == comment_keys(workspace, boxes)
    refresh.spool.discard()


class _Counter(BaseHTTPRequestHandler):
    """Answers every GET with an empty list after a moment, and counts how many wait at a time."""

    protocol_version = "HTTP/1.1"
    lock = threading.Lock()
    waiting = 0
    most = 0

    def do_GET(self) -> None:
        with self.lock:
            type(self).waiting += 1
            type(self).most = max(self.most, self.waiting)
        time.sleep(0.01)
        with self.lock:
            type(self).waiting -= 1
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"[]")

    def log_message(self, *_: object) -> None:
        """Nothing."""


@contextmanager
def counting_server() -> Iterator[tuple[str, type[_Counter]]]:
    handler = type("Handler", (_Counter,), {})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        serving.start()
        yield f"http://127.0.0.1:{server.server_port}/api", handler
        server.shutdown()
        serving.join()


@pytest.mark.parametrize("in_flight", [1, 5])
def test_no_more_calls_are_under_way_than_the_client_allows(connect: Connect, in_flight: int) -> None:
    with counting_server() as (url, counter):
        refresher = connect(url, in_flight=in_flight)
        refresh = refresher.ask(BOX_COMMENTS, [Parent(f"box{number}") for number in range(40)])
        refresh.spool.discard()
    assert refresh.calls == 40
    assert counter.most <= in_flight
    if in_flight > 1:
        assert counter.most > 1
