"""Streak's own published client walks everything that it can read, and refuses no answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from streak_dagster.sandbox import Sandbox, Workspace, generated_workspace, sample_workspace
from streak_dagster_tests.support.waiting import MAX_WAIT

streak_crm = pytest.importorskip("streak_crm")


@pytest.fixture(params=[False, True], ids=["lenient", "strict"])
def strict(request: pytest.FixtureRequest) -> bool:
    """It sends only what is documented: strictness refuses it nothing."""
    return bool(request.param)


@pytest.fixture(params=[sample_workspace, lambda: generated_workspace(40, seed=8)])
def official(request: pytest.FixtureRequest, strict: bool) -> Iterator[tuple[Any, Workspace]]:
    workspace: Workspace = request.param()
    httpx = pytest.importorskip("httpx")
    with (
        Sandbox(workspace, rate=0, strict=strict) as sandbox,
        httpx.Client(timeout=MAX_WAIT, trust_env=False) as transport,
    ):
        yield streak_crm.Streak(base_url=sandbox.url, token=sandbox.key, httpx_client=transport), workspace


def cursor_walk(get: Callable[..., Any]) -> list[str]:
    keys, cursor = [], None
    while True:
        page = get(cursor=cursor, limit=5)
        keys += [each.key for each in page.results]
        cursor = page.cursor
        if cursor is None:
            return keys


def test_people(official: tuple[Any, Workspace]) -> None:
    client, truth = official
    team = truth.teams()[0]["key"]
    assert client.users.get_current_user().key == truth.users()[0]["key"]
    assert [each.key_type for each in client.api_keys.get_api_keys(limit=5, page=0)] == ["USER"]
    assert [each.key for each in client.teams.get_current_user_teams().results] == [team]
    assert client.teams.get_team(team).name == truth.teams()[0]["name"]
    members = [each.user_key for each in client.teams.get_team(team).members]
    assert members == [each["userKey"] for each in truth.teams()[0]["members"]]
    users = client.users.get_users_on_team(team).results
    assert [each.key for each in users] == [each["key"] for each in truth.users()]
    for user in users:
        assert client.users.get_user(user.key).email == user.email
    contacts = cursor_walk(lambda **page: client.contacts.list_contacts(team, **page))
    assert contacts == [each["key"] for each in truth.contacts(team)]
    assert set(client.contacts.get_contacts(request=contacts)) == set(contacts)
    organizations = cursor_walk(lambda **page: client.organizations.list_organizations(team, **page))
    assert organizations == [each["key"] for each in truth.organizations(team)]
    assert set(client.organizations.get_organizations(request=organizations)) == set(organizations)
    for key in contacts:
        assert client.contacts.get_contact(key).key == key
    for key in organizations:
        assert client.organizations.get_organization(key).key == key


def test_pipelines(official: tuple[Any, Workspace]) -> None:
    client, truth = official
    pipelines = client.pipelines.list_pipelines(limit=50).results
    assert [each.key for each in pipelines] == [each["key"] for each in truth.pipelines()]
    for pipeline in pipelines:
        assert client.pipelines.get_pipeline(pipeline.key).box_count == len(truth.box_keys(pipeline.key))
        for field in client.pipelines.list_fields(pipeline.key):
            assert client.pipelines.get_field(pipeline.key, field.key) == field
        for key, stage in client.pipeline_stages.list_stages(pipeline.key).items():
            assert client.pipeline_stages.get_stage(pipeline.key, key) == stage


def test_every_box(official: tuple[Any, Workspace]) -> None:
    client, truth = official
    for pipeline in truth.pipelines():
        for box in truth.box_keys(pipeline["key"]):
            comments = client.comments.get_comments(box).results
            assert [each.message for each in comments] == [each["message"] for each in truth.comments(box)]
            tasks = client.tasks.get_tasks_for_box(box, limit=100).results
            assert [each.text for each in tasks] == [each["text"] for each in truth.tasks(box)]
            meetings = client.meetings.get_meetings(box, limit=100).results
            assert [each.notes for each in meetings] == [each["notes"] for each in truth.meetings(box)]
            for comment in comments:
                assert client.comments.get_comment(comment.key) == comment
            for task in tasks:
                assert client.tasks.get_task(task.key) == task
            for meeting in meetings:
                assert client.meetings.get_meeting(meeting.key) == meeting
            assert client.boxes.get_box_markdown(box)


def test_search_and_agenda(official: tuple[Any, Workspace]) -> None:
    client, truth = official
    box = truth.boxes(truth.pipelines()[0]["key"])[0]
    assert box["key"] in {each.box_key for each in client.search(name=box["name"]).results.boxes}
    assert client.search(query="a").results.boxes
    for direction in ("past", "future"):
        assert client.tasks.get_assigned_tasks(direction=direction, limit=500).results is not None


def test_its_errors(official: tuple[Any, Workspace]) -> None:
    client, _ = official
    with pytest.raises(streak_crm.core.api_error.ApiError) as caught:
        client.comments.get_comment("nothing")
    assert caught.value.status_code == 404
