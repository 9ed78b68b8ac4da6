"""Every kind of fault as a client sees it, and which calls it strikes."""

from __future__ import annotations

import json
import re
import threading
import time
from email.utils import formatdate, parsedate_to_datetime
from typing import Any

import pytest
import requests

from streak_dagster.sandbox import Fault, Variants
from streak_dagster.sandbox.faults.kinds import KINDS
from streak_dagster.sandbox.faults.spelling import fault_from_text
from streak_dagster_tests.support.sandbox_client import Client, Start
from streak_dagster_tests.support.waiting import MAX_WAIT, eventually

PATH = "/v1/pipelines"


def strike(client: Client, kind: str, path: str = PATH, **how: Any) -> requests.Response:
    """The answer to a call that a fault of this kind strikes."""
    fault = client.sandbox.faults.add(re.escape(path) + "$", kind=kind, **how)
    answer = client.call(path)
    arrival = client.sandbox.journal.arrivals[-1]
    assert (fault.struck, arrival.kind, arrival.status) == (1, f"fault:{kind}", answer.status_code)
    return answer


def boxes(client: Client) -> str:
    return f"/v1/pipelines/{client.sandbox.workspace.pipelines()[0]['key']}/boxes"


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("rate_limited_seconds", 429),
        ("rate_limited_date", 429),
        ("rate_limited", 429),
        ("error_500", 500),
        ("error_502", 502),
        ("error_503", 503),
        ("error_503_retry_after", 503),
        ("error_504", 504),
    ],
)
def test_refusals(client: Client, kind: str, status: int) -> None:
    answer = strike(client, kind)
    assert answer.status_code == status
    if status in {502, 504}:
        assert answer.headers["Content-Type"].startswith("text/html")
    else:
        assert answer.json()["error"]
    header = answer.headers.get("Retry-After")
    if kind.endswith("_date"):
        assert header is not None
        assert -60 < parsedate_to_datetime(header).timestamp() - time.time() <= 2
    else:
        assert header == ("1" if kind.endswith(("_seconds", "_after")) else None)
    assert client.get(PATH)


def test_retry_after_as_asked(client: Client) -> None:
    assert strike(client, "rate_limited_seconds", seconds=7).headers["Retry-After"] == "7"
    date = strike(client, "rate_limited_date", seconds=3600).headers["Retry-After"]
    assert 3000 < parsedate_to_datetime(date).timestamp() - time.time() <= 3601


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_reset(client: Client, method: str) -> None:
    client.sandbox.faults.add(kind="reset")
    with pytest.raises(requests.ConnectionError) as raised:
        client.call("/v2/contacts/batch/get", method=method, json=[])
    assert "ConnectionResetError" in repr(raised.value)
    arrival = client.sandbox.journal.arrivals[0]
    assert (arrival.kind, arrival.status) == ("fault:reset", None)
    assert client.get(PATH)


def test_hang(client: Client) -> None:
    client.sandbox.faults.add(kind="hang")
    with pytest.raises(requests.ReadTimeout):
        requests.get(client.sandbox.url + PATH, auth=("sandbox", ""), timeout=0.2)
    # A busy sandbox takes the call in after its caller gave up.
    eventually(lambda: [each.kind for each in client.sandbox.journal.arrivals] == ["fault:hang"])
    assert client.sandbox.journal.arrivals[0].status is None
    client.sandbox.faults.add(kind="hang", seconds=0.1)
    with pytest.raises(requests.ConnectionError, match="RemoteDisconnected"):
        client.call(PATH)
    assert client.get(PATH)


def test_a_hanging_call_doesnt_keep_the_sandbox_open(client: Client) -> None:
    client.sandbox.faults.add(kind="hang", seconds=3600)
    seen: list[BaseException] = []

    def call() -> None:
        try:
            client.call(PATH)
        except requests.ConnectionError as error:
            seen.append(error)

    thread = threading.Thread(target=call)
    thread.start()
    eventually(lambda: client.sandbox.journal and client.sandbox.journal.arrivals[0].kind)
    client.sandbox.close()
    thread.join(MAX_WAIT)
    assert len(seen) == 1


def test_slow(client: Client) -> None:
    true = client.call(PATH).content
    begin = time.monotonic()
    answer = strike(client, "slow", seconds=0.3)
    assert time.monotonic() - begin >= 0.3
    assert answer.content == true


@pytest.mark.parametrize("seconds", [0, 0.0001])
def test_drip(client: Client, seconds: float) -> None:
    true = client.call("/v1/users/me").content
    assert strike(client, "drip", "/v1/users/me", seconds=seconds).content == true
    assert client.call("/v1/users/me").content == true


def test_a_drip_ends_with_who_asked(client: Client) -> None:
    client.sandbox.faults.add(kind="drip", seconds=3600)
    pauses = client.sandbox._app._delivery._pauses
    with pytest.raises(requests.RequestException, match="timed out"):
        requests.get(client.sandbox.url + PATH, auth=("sandbox", ""), timeout=0.2)
    # A busy sandbox takes the call in after its caller gave up.
    eventually(lambda: client.sandbox.journal and client.sandbox.journal.arrivals[0].status == 200)
    eventually(lambda: not pauses)
    assert client.get(PATH)


def test_silence_after_half_of_a_body(client: Client) -> None:
    client.sandbox.faults.add(kind="half_body", seconds=3600)
    with pytest.raises(requests.RequestException, match="timed out"):
        requests.get(client.sandbox.url + PATH, auth=("sandbox", ""), timeout=0.2)
    assert client.get(PATH)


@pytest.mark.parametrize("status", [204, 304, 403, 422, 500, 599])
def test_one_place_answers_with_a_status_as_long_as_wanted(client: Client, status: int) -> None:
    """On connections that are kept: what has no body leaves none in the way."""
    first, second = (each["key"] for each in client.sandbox.workspace.pipelines()[:2])
    fault = client.sandbox.faults.add(f"^/v1/pipelines/{first}/", kind="status", status=status)
    for _ in range(3):
        for path in ("boxes", "fields", "stages"):
            answer = client.call(f"/v1/pipelines/{first}/{path}")
            assert answer.status_code == status
            assert bool(answer.content) is (status not in (204, 304))
            assert client.get(f"/v1/pipelines/{second}/{path}")
    assert fault.struck == 9
    assert client.get(f"/v1/pipelines/{first}")
    client.sandbox.faults.clear()
    assert client.get(f"/v1/pipelines/{first}/fields")


def test_a_server_whose_clock_is_another(client: Client) -> None:
    ahead = time.time() + 240
    said = {"Date": formatdate(ahead, usegmt=True), "Retry-After": formatdate(ahead + 2, usegmt=True)}
    client.sandbox.faults.add(status=429, headers=said)
    answer = client.call(PATH)
    assert {name: answer.headers[name] for name in said} == said
    own = parsedate_to_datetime(client.call(PATH).headers["Date"])
    assert abs(own.timestamp() - time.time()) < 60


def test_a_date_to_come_back_is_counted_from_the_answers_own(client: Client) -> None:
    answer = strike(client, "rate_limited_date", seconds=7)
    said = [parsedate_to_datetime(answer.headers[name]) for name in ("Retry-After", "Date")]
    assert 7 <= (said[0] - said[1]).total_seconds() <= 8


def test_half_body(client: Client) -> None:
    length = len(client.call(PATH).content)
    client.sandbox.faults.add(kind="half_body")
    with pytest.raises(requests.exceptions.ChunkedEncodingError, match="IncompleteRead") as raised:
        client.call(PATH)
    assert f"{length // 2} bytes read, {length - length // 2} more expected" in str(raised.value)
    assert client.sandbox.journal.arrivals[-1].kind == "fault:half_body"
    assert client.get(PATH)


def test_truncated_json(client: Client) -> None:
    true = client.call(PATH).content
    answer = strike(client, "truncated_json")
    assert answer.status_code == 200
    assert answer.content == true[: len(true) // 2]
    with pytest.raises(requests.JSONDecodeError):
        answer.json()


@pytest.mark.parametrize(
    ("kind", "body"), [("null", b"null"), ("empty", b""), ("html", None), ("success_false", None)]
)
def test_other_bodies(client: Client, kind: str, body: bytes | None) -> None:
    answer = strike(client, kind)
    assert answer.status_code == 200
    if kind == "html":
        assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
        assert answer.text.startswith("<!DOCTYPE html>")
    elif kind == "success_false":
        assert answer.json()["success"] is False
        assert answer.json()["error"]
    else:
        assert answer.content == body


def test_envelope(client: Client) -> None:
    path = boxes(client)
    true = client.get(path)
    assert strike(client, "envelope", path).json() == {"data": {"items": true}}
    assert list(strike(client, "envelope", path, form="results_map").json()["results"].values()) == true
    assert strike(client, "envelope", path, form="nested").json() == [true]
    assert json.loads(strike(client, "envelope", path, form="string").json()) == true
    assert strike(client, "envelope", path, form="number").json() == len(true)
    one = path.removesuffix("/boxes")
    assert strike(client, "envelope", one).json() == {"data": {"items": [client.get(one)]}}
    teams = client.get("/v2/users/me/teams")["results"]
    assert strike(client, "envelope", "/v2/users/me/teams").json() == {"data": {"items": teams}}


def test_nothing(start: Start) -> None:
    client = start(variants=Variants(v1_boxes_envelope="wrapped"))
    fault = client.sandbox.faults.add(kind="nothing")
    team = client.sandbox.workspace.teams()[0]["key"]
    assert client.get(PATH) == []
    assert client.get(boxes(client), limit=5, page=0) == {"results": [], "hasNextPage": False}
    assert client.get(f"/v2/teams/{team}/contacts", limit=2) == {"results": []}
    assert client.get("/v2/users/me/teams") == {"results": [], "hasNextPage": False}
    assert fault.struck == 4
    assert client.get("/v1/users/me")["key"]
    assert client.call("/v1/boxes/x").status_code == 404
    assert fault.struck == 4
    assert [each.kind for each in client.sandbox.journal.arrivals[-2:]] == ["ok", "missing"]


@pytest.mark.parametrize("envelope", ["array", "wrapped"])
def test_duplicate_page(start: Start, envelope: Any) -> None:
    client = start(variants=Variants(v1_boxes_envelope=envelope))
    path = boxes(client)

    def page(number: int) -> tuple[list[str], bool | None]:
        answer = client.get(path, limit=4, page=number)
        records = answer if isinstance(answer, list) else answer["results"]
        more = None if isinstance(answer, list) else answer["hasNextPage"]
        return [each["key"] for each in records], more

    count = len(client.sandbox.workspace.box_keys(client.sandbox.workspace.pipelines()[0]["key"]))
    true = [page(number) for number in range(count // 4 + 1)]
    fault = client.sandbox.faults.add("/boxes$", kind="duplicate_page", times=2)
    assert page(0) == true[0]
    assert fault.struck == 0
    assert page(1) == (true[0][0], true[1][1])
    assert page(len(true) - 1) == (true[-2][0], true[-1][1])
    assert (page(1), fault.struck) == (true[1], 2)


def test_duplicate_page_by_cursor(client: Client) -> None:
    path = f"/v2/teams/{client.sandbox.workspace.teams()[0]['key']}/contacts"
    first = client.get(path, limit=3)
    second = client.get(path, limit=3, cursor=first["cursor"])
    client.sandbox.faults.add("/contacts$", kind="duplicate_page", times=None)
    assert client.get(path, limit=3) == first
    assert client.get(path, limit=3, cursor=first["cursor"]) == {**second, "results": first["results"]}


def test_endless(client: Client) -> None:
    client.sandbox.faults.add(kind="endless", times=None)
    path = f"/v2/teams/{client.sandbox.workspace.teams()[0]['key']}/contacts"
    cursor = client.get(path, limit=3)["cursor"]
    assert client.get(path, limit=3, cursor=cursor)["cursor"] == cursor
    assert client.get("/v2/users/me/teams", page=99) == {"results": [], "hasNextPage": True}
    assert isinstance(client.get(PATH), list)


@pytest.mark.parametrize(
    "kind", ["repeated_record", "null_record", "no_key", "wrong_key_type", "wrong_types"]
)
def test_odd_records(client: Client, kind: str) -> None:
    path = boxes(client)
    true = client.get(path)
    odd = strike(client, kind, path).json()
    first, key = true[0], true[0]["key"]
    if kind == "repeated_record":
        assert odd == [*true, true[-1]]
        return
    assert odd[1:] == true[1:]
    if kind == "null_record":
        assert odd[0] is None
    elif kind == "no_key":
        assert odd[0] == {name: value for name, value in first.items() if name not in {"key", "boxKey"}}
        assert first["boxKey"] == key
    elif kind == "wrong_key_type":
        assert odd[0] == {**first, "key": 4711, "boxKey": 4711}
    else:
        assert odd[0]["lastUpdatedTimestamp"] == odd[0]["followerKeys"] == "soon"
        assert odd[0]["key"] == key
    empty = f"/v1/pipelines/{client.sandbox.workspace.pipelines()[-1]['key']}/boxes"
    fault = client.sandbox.faults.add("/boxes$", kind=kind)
    assert client.get(empty) == []
    assert fault.struck == 0


def test_odd_records_with_one_of_the_twins_only(start: Start) -> None:
    client = start(variants=Variants(keys="named_only"))
    path = boxes(client)
    assert "boxKey" not in strike(client, "no_key", path).json()[0]
    one = path.removesuffix("/boxes")
    assert strike(client, "wrong_key_type", one).json()["pipelineKey"] == 4711


@pytest.mark.parametrize("status", [None, 404, 400, 401, 403])
def test_gone(client: Client, status: int | None) -> None:
    path = boxes(client)
    listed = [each["key"] for each in client.get(path)]
    fault = client.sandbox.faults.add(f"/boxes/{listed[2]}", kind="gone", status=status)
    for version, rest in (("v1", ""), ("v2", "/comments"), ("v1", "/files"), ("v1", "")):
        answer = client.call(f"/{version}/boxes/{listed[2]}{rest}")
        assert answer.status_code == (status or 404)
        assert set(answer.json()) == {"error"}
        assert listed[2] not in answer.text
    assert fault.struck == 4
    assert [each["key"] for each in client.get(path)] == listed
    batch = client.call(path + "/batch/", method="POST", json=listed[:4]).json()
    assert [each["key"] for each in batch] == [*listed[:2], listed[3]]
    client.sandbox.faults.clear()
    client.get(f"/v1/boxes/{listed[2]}")


def test_some_objects_go_while_they_are_read(client: Client) -> None:
    keys = [each["key"] for each in client.get(boxes(client))]
    client.sandbox.faults.add("^/v2/boxes/[^/]+/comments$", kind="gone", skip=1, times=2)
    seen = [client.call(f"/v2/boxes/{key}/comments").status_code for key in keys[:5]]
    assert seen == [200, 404, 404, 200, 200]
    assert [client.call(f"/v1/boxes/{key}").status_code for key in keys[:4]] == [200, 404, 404, 200]


def test_skip_times_method_and_order(client: Client) -> None:
    faults = client.sandbox.faults
    faults.add("/pipelines$", kind="error_500", method="post")
    faults.add("/pipelines$", kind="error_503", skip=1, times=2)
    faults.add("/pipelines$", kind="error_502", times=2)
    assert [client.call(PATH).status_code for _ in range(5)] == [502, 503, 503, 502, 200]
    assert [each["struck"] for each in faults.as_json()] == [0, 2, 2]


def test_probability_is_the_same_for_a_seed(start: Start) -> None:
    runs = []
    for seed in (1, 1, 2):
        client = start()
        fault = client.sandbox.faults.add("/users", kind="empty", probability=0.3, seed=seed)
        assert fault.times is None
        struck = [not client.call("/v1/users/me").content for _ in range(60)]
        assert sum(struck) == fault.struck
        runs.append(struck)
    assert runs[0] == runs[1] != runs[2]
    assert 5 < sum(runs[0]) < 35
    with_end = start()
    with_end.sandbox.faults.add(kind="empty", probability=0.5, times=3, skip=10)
    answers = [with_end.call("/v1/users/me").content for _ in range(60)]
    assert all(answers[:10])
    assert answers.count(b"") == 3


def test_never_and_always(client: Client) -> None:
    client.sandbox.faults.add(kind="empty", probability=0, times=None)
    assert client.get(PATH)
    client.sandbox.faults.add(kind="empty", probability=1, times=None)
    assert client.call(PATH).content == b""


def test_the_key_is_checked_first(client: Client) -> None:
    fault = client.sandbox.faults.add(kind="error_500")
    assert client.call(PATH, auth=("wrong", "")).status_code == 401
    assert fault.struck == 0


def test_calls_with_a_body(client: Client) -> None:
    keys = list(client.sandbox.workspace.box_keys(client.sandbox.workspace.pipelines()[0]["key"]))
    path = boxes(client) + "/batch/"
    true = client.call(path, method="POST", json=keys).json()
    client.sandbox.faults.add("batch", kind="repeated_record")
    assert client.call(path, method="POST", json=keys).json() == [*true, true[-1]]
    fault = client.sandbox.faults.add("batch", kind="endless")
    assert client.call(path, method="POST", json=keys).json() == true
    assert client.call(path, method="POST", data="x" * 2_000_000).status_code == 400
    assert fault.struck == 0


def test_every_kind_is_described_and_may_be_added(client: Client) -> None:
    for name, kind in KINDS.items():
        assert kind.text
        assert client.sandbox.faults.add("/x$", kind=name).what is kind
        assert fault_from_text(name).kind == name


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (
            {"kind": "truncated"},
            r"There is no fault 'truncated' \(did you mean truncated_json\?\); the kinds",
        ),
        ({"kind": 5}, "There is no fault 5; the kinds are rate_limited_seconds, "),
        ({"path": "("}, "path must be a regular expression"),
        ({"path": 5}, "path must be a regular expression"),
        ({"skip": -1}, "skip must be"),
        ({"times": 0}, "times must be"),
        ({"times": True}, "times must be"),
        ({"probability": 1.5}, "probability must be"),
        ({"probability": float("nan")}, "probability must be"),
        ({"seed": "x"}, "seed must be"),
        ({"method": 1}, "method must be"),
        ({"kind": "html", "seconds": 1}, "html takes no seconds"),
        ({"kind": "slow", "seconds": -1}, "seconds must be"),
        ({"kind": "html", "form": "data"}, "html takes no form"),
        ({"kind": "envelope", "form": "odd"}, "must be one of data, results_map"),
        ({"kind": "html", "status": 500}, "html takes no status"),
        ({"kind": "gone", "status": 500}, "must be one of 404, 400, 401, 403"),
        ({"kind": "html", "body": b""}, "takes no body"),
        ({"body": "text"}, "body must be bytes"),
        ({"headers": {"a": 1}}, "headers must be"),
    ],
)
def test_impossible_faults(wrong: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Fault(**wrong)


def test_spelled_as_text() -> None:
    fault = fault_from_text("slow:path=/boxes/[a-z]{1,9}$,times=all,seconds=0.5,skip=2,seed=3,method=get")
    assert (fault.path, fault.times, fault.seconds, fault.skip, fault.seed, fault.method) == (
        "/boxes/[a-z]{1,9}$",
        None,
        0.5,
        2,
        3,
        "GET",
    )
    for text, words in (
        ("slow:tims=2", "no option 'tims'; there are path,"),
        ("slow:path=x,tims=2", "no option 'tims'"),
        ("slow:times=many", "times can't be 'many'"),
        ("slow:5", "no option '5'"),
        ("slo", "did you mean slow"),
        ("", "There is no fault ''"),
    ):
        with pytest.raises(ValueError, match=words.replace("?", r"\?")):
            fault_from_text(text)
