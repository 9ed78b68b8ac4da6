"""The world changes between two calls; accounts, permissions, and the same from another process."""

from __future__ import annotations

import threading
from typing import Any

import pytest
import requests

from streak_dagster.sandbox import Sandbox, Variants, generated_workspace, sample_workspace
from streak_dagster.sandbox.http.control import EDITS
from streak_dagster_tests.support.sandbox_client import Client, Start
from streak_dagster_tests.support.sandbox_process import served
from streak_dagster_tests.support.waiting import MAX_WAIT


def first(client: Client) -> str:
    key: str = client.sandbox.workspace.pipelines()[0]["key"]
    return key


def page(client: Client, number: int) -> list[str]:
    return [each["key"] for each in client.get(f"/v1/pipelines/{first(client)}/boxes", limit=4, page=number)]


def test_rows_shift_between_pages(client: Client) -> None:
    keys = list(client.sandbox.workspace.box_keys(first(client)))
    ran: list[str] = []

    def delete(workspace: Any) -> None:
        ran.append(threading.current_thread().name)
        workspace.delete_box(keys[1])

    change = client.sandbox.faults.when("/boxes$", skip=1, do=delete)
    client.get("/v1/users/me")
    assert page(client, 0) == keys[:4]
    assert ran == []
    assert page(client, 1) == keys[5:9], "keys[4] was lost between the pages"
    assert change.ran
    assert page(client, 0) == [keys[0], *keys[2:5]]
    assert len(ran) == 1
    assert ran[0] != "streak-sandbox"


def test_many_things_may_happen(client: Client) -> None:
    sandbox = client.sandbox
    key, second = first(client), sandbox.workspace.pipelines()[1]["key"]
    sandbox.faults.when("/users/me$", do=lambda workspace: workspace.add_box(key, "Late"))
    sandbox.faults.when("/users/me$", do=lambda workspace: workspace.remove_pipeline(second), skip=1)
    sandbox.faults.when("", do=lambda _: sandbox.revoke(), skip=2, method="GET")
    assert client.call("/v1/users/me").status_code == 200
    assert sandbox.workspace.boxes(key)[-1]["name"] == "Late"
    assert client.call("/v1/users/me").status_code == 200
    assert second not in {each["key"] for each in sandbox.workspace.pipelines()}
    assert client.call("/v1/users/me").status_code == 401
    sandbox.restore()
    assert client.call("/v1/users/me").status_code == 200


def test_a_change_may_call_the_sandbox(client: Client) -> None:
    client.sandbox.faults.when("/teams$", do=lambda _: client.get("/v1/pipelines"))
    with Client(client.sandbox).session as session:
        assert session.get(client.sandbox.url + "/v2/users/me/teams", timeout=MAX_WAIT).status_code == 200
    assert [each.kind for each in client.sandbox.journal.arrivals] == ["ok", "ok"]


def test_what_a_change_raises_is_shown() -> None:
    def run() -> None:
        with Sandbox(sample_workspace(), rate=0) as sandbox:
            change = sandbox.faults.when("", do=lambda workspace: workspace.delete_box("no such box"))
            answer = Client(sandbox).call("/v1/users/me")
            assert answer.status_code == 500
            assert "KeyError: 'no such box'" in answer.json()["error"]
            assert isinstance(change.error, KeyError)
            assert sandbox.journal.arrivals[0].kind == "failed"

    with pytest.raises(KeyError, match="no such box"):
        run()


def test_it_is_shown_even_when_the_test_failed_by_it() -> None:
    def run() -> None:
        with Sandbox(sample_workspace(), rate=0) as sandbox:
            sandbox.faults.when("", do=lambda _: 1 // 0)
            Client(sandbox).get("/v1/users/me")

    with pytest.raises(ZeroDivisionError) as raised:
        run()
    assert isinstance(raised.value.__context__, AssertionError)


def test_it_is_shown_once(client: Client) -> None:
    client.sandbox.faults.when("", do=lambda _: 1 // 0)
    assert client.call("/v1/users/me").status_code == 500
    with pytest.raises(ZeroDivisionError):
        client.sandbox.faults.check()
    client.sandbox.faults.check()


def test_changes_and_faults_go_together(client: Client) -> None:
    key = client.sandbox.workspace.box_keys(first(client))[0]
    client.sandbox.faults.add("/boxes$", kind="truncated_json")
    change = client.sandbox.faults.when("/boxes$", do=lambda workspace: workspace.delete_box(key))
    assert client.call(f"/v1/pipelines/{first(client)}/boxes").status_code == 200
    assert change.ran
    client.sandbox.faults.when("/boxes$", do=lambda workspace: workspace.delete_box(key))
    client.sandbox.faults.clear()
    assert key not in page(client, 0)
    with pytest.raises(ValueError, match="regular expression"):
        client.sandbox.faults.when("(", do=print)


def test_more_than_one_account(start: Start) -> None:
    other = generated_workspace(5, seed=4)
    client = start(accounts={"other-key": other})
    teams = [
        client.call("/v2/users/me/teams", auth=(key, "")).json()["results"][0]["key"]
        for key in ("sandbox", "other-key")
    ]
    assert teams == [client.sandbox.workspace.teams()[0]["key"], other.teams()[0]["key"]]
    client.sandbox.revoke("other-key")
    assert client.call("/v1/users/me", auth=("other-key", "")).status_code == 401
    assert client.call("/v1/users/me").status_code == 200
    client.sandbox.restore("other-key")
    assert client.call("/v1/users/me", auth=("other-key", "")).status_code == 200
    client.sandbox.accounts["third"] = sample_workspace()
    assert client.call("/v1/users/me", auth=("third", "")).status_code == 200
    assert "other-key" not in str(client.sandbox.journal.as_json())
    for wrong in ({"a:b": other}, {"": other}, {"sandbox": other}):
        with pytest.raises(ValueError, match="key"):
            Sandbox(other, accounts=wrong)


@pytest.mark.parametrize("status", [400, 401, 403, 404])
def test_a_lost_permission(client: Client, status: int) -> None:
    workspace = client.sandbox.workspace
    key = first(client)
    box = next(each for each in workspace.boxes(key) if workspace.comments(each["key"]))["key"]
    comment = workspace.comments(box)[0]["key"]
    paths = (
        f"/v1/pipelines/{key}",
        f"/v2/pipelines/{key}",
        f"/v1/pipelines/{key}/boxes",
        f"/v1/pipelines/{key}/fields",
        f"/v1/boxes/{box}",
        f"/v2/boxes/{box}/tasks",
        f"/v2/comments/{comment}",
    )
    everything = client.get("/v1/boxes")
    workspace.hide_pipeline(key, status=status)
    assert key not in {each["key"] for each in client.get("/v1/pipelines")}
    assert {each["pipelineKey"] for each in client.get("/v1/boxes")}.isdisjoint({key})
    for path in paths:
        answer = client.call(path)
        assert answer.status_code == status, path
        assert set(answer.json()) == {"error"}
        assert "agx" not in answer.text
    with pytest.raises(KeyError):
        workspace.hide_pipeline(key)
    workspace.show_pipeline(key)
    assert client.get("/v1/boxes") == everything
    with pytest.raises(KeyError):
        workspace.show_pipeline(key)
    with pytest.raises(ValueError, match="status"):
        workspace.hide_pipeline(key, status=500)


@pytest.mark.parametrize("form", ["array", "missing_404", "unsupported"])
def test_box_batch(start: Start, form: Any) -> None:
    client = start(variants=Variants(box_batch=form))
    keys = list(client.sandbox.workspace.box_keys(first(client)))[:3]
    path = f"/v1/pipelines/{first(client)}/boxes/batch/"

    def ask() -> tuple[int, list[str]]:
        answer = client.call(path, method="POST", json=keys)
        value = answer.json()
        return answer.status_code, [each["key"] for each in value] if isinstance(value, list) else []

    assert ask() == ((404, []) if form == "unsupported" else (200, keys))
    client.sandbox.workspace.delete_box(keys[1])
    assert ask() == ((200, [keys[0], keys[2]]) if form == "array" else (404, []))


def test_from_another_process() -> None:
    auth = ("sandbox", "")
    with served(
        "--rate", "0", "--fault", "error_503:path=/me$,times=2", "--fault", "html:path=/snippets$"
    ) as (url, _):
        root = url.removesuffix("/api") + "/_sandbox"

        def get(path: str) -> requests.Response:
            return requests.get(url + path, auth=auth, timeout=MAX_WAIT)

        def post(path: str, value: Any) -> requests.Response:
            return requests.post(f"{root}/{path}", json=value, timeout=MAX_WAIT)

        assert [get("/v1/users/me").status_code for _ in range(3)] == [503, 503, 200]
        assert get("/v1/snippets").text.startswith("<!DOCTYPE")
        plan = [{"path": "/pipelines$", "kind": "null", "times": None}, {"path": "/me$", "body": "x"}]
        assert post("faults", plan).json() == {"success": True, "faults": 2}
        assert post("faults", {"path": "/teams$", "kind": "empty"}).json()["faults"] == 1
        assert [get("/v1/pipelines").content for _ in range(2)] == [b"null"] * 2
        assert (get("/v1/users/me").content, get("/v2/users/me/teams").content) == (b"x", b"")
        struck = requests.get(root + "/faults", timeout=MAX_WAIT).json()
        assert [each["struck"] for each in struck] == [2, 1, 2, 1, 1]
        assert requests.delete(root + "/faults", timeout=MAX_WAIT).status_code == 200
        pipelines = get("/v1/pipelines").json()
        assert requests.get(root + "/journal", timeout=MAX_WAIT).json()["count"] == 9
        boxes = f"/v1/pipelines/{pipelines[0]['key']}/boxes"
        keys = [each["key"] for each in get(boxes).json()]
        assert post("edit", {"do": "delete_box", "key": keys[0]}).json()["success"] is True
        made = post("edit", {"do": "add_box", "pipeline_key": pipelines[0]["key"], "name": "New"})
        assert [each["key"] for each in get(boxes).json()] == [*keys[1:], made.json()["result"]["key"]]
        hidden = {"do": "hide_pipeline", "key": pipelines[1]["key"], "status": 404}
        assert post("edit", hidden).status_code == 200
        assert get(f"/v1/pipelines/{pipelines[1]['key']}").status_code == 404
        assert requests.post(root + "/revoke", timeout=MAX_WAIT).status_code == 200
        assert get("/v1/users/me").status_code == 401
        assert post("restore", {}).status_code == 200
        assert get("/v1/users/me").status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "words"),
    [
        ("POST", "faults", "{", 400, "Expected JSON"),
        ("POST", "faults", "5", 400, "must be a JSON object"),
        ("POST", "faults", '{"kind": "nul"}', 400, "the kinds are"),
        ("POST", "faults", '[{"path": "/x"}, {"pth": "/x"}]', 400, "no option 'pth'"),
        ("POST", "faults", '{"skip": "2"}', 400, "skip must be"),
        ("POST", "edit", "[]", 400, "Expected a JSON object"),
        ("POST", "edit", '{"do": "close"}', 400, "There is no edit 'close'; there are advance"),
        ("POST", "edit", '{"do": "delete_box", "key": "x"}', 404, "No such object: x"),
        ("POST", "edit", '{"do": "delete_box"}', 400, "can't be done like that"),
        ("POST", "edit", '{"do": "advance", "account": "x", "milliseconds": 5}', 400, "No account"),
        ("POST", "revoke", '{"key": "x"}', 400, "No account"),
        ("POST", "edit", "x" * 2_000_000, 400, "too long"),
        ("PUT", "edit", "", 405, "Not found"),
        ("GET", "nothing", "", 404, "Not found"),
    ],
)
def test_what_the_control_paths_refuse(
    client: Client, method: str, path: str, body: str, status: int, words: str
) -> None:
    root = client.sandbox.url.removesuffix("/api") + "/_sandbox/"
    answer = requests.request(method, root + path, data=body, timeout=MAX_WAIT)
    assert answer.status_code == status
    assert words in answer.json()["error"]
    assert client.sandbox.faults.as_json() == []
    assert len(client.sandbox.journal) == 0


def test_edits_of_another_account(start: Start) -> None:
    other = sample_workspace()
    client = start(accounts={"two": other})
    root = client.sandbox.url.removesuffix("/api") + "/_sandbox/"
    before = client.sandbox.workspace.now, other.now
    edit = {"do": "advance", "milliseconds": 5, "account": "two"}
    assert requests.post(root + "edit", json=edit, timeout=MAX_WAIT).status_code == 200
    assert (client.sandbox.workspace.now, other.now) == (before[0], before[1] + 5)


def test_every_edit_is_there(client: Client) -> None:
    assert all(callable(getattr(client.sandbox.workspace, name)) for name in EDITS)
