"""What must hold in every workspace, whatever was done to it."""

from __future__ import annotations

from typing import Any

from streak_dagster.sandbox import Workspace

REMOVED_OPTIONS = {"9000"}
"""Keys that boxes of the sample still have, and that no field lists any more."""


def all_boxes(workspace: Workspace) -> list[dict[str, Any]]:
    return [box for each in workspace.pipelines() for box in workspace.boxes(each["key"])]


def assert_counters_agree(workspace: Workspace) -> None:
    for box in all_boxes(workspace):
        key = box["key"]
        comments, tasks, meetings = workspace.comments(key), workspace.tasks(key), workspace.meetings(key)
        threads, files = workspace.threads(key), workspace.files(key)
        assert box["commentCount"] == len(comments)
        assert box["lastCommentTimestamp"] == max((each["timestamp"] for each in comments), default=None)
        done = [task for task in tasks if task["status"] == "DONE"]
        open_tasks = [task for task in tasks if task["status"] == "NOT_DONE"]
        late = [task for task in open_tasks if task["dueDate"] and task["dueDate"] < workspace.now]
        assert (
            box["taskTotal"],
            box["taskCompleteCount"],
            box["taskIncompleteCount"],
            box["taskOverdueCount"],
        ) == (len(tasks), len(done), len(open_tasks), len(late))
        assert set(box["taskAssigneeKeySet"]) == {
            user["userKey"] for task in tasks for user in task["assignedTo"]
        }
        calls = [each for each in meetings if each["meetingType"] == "CALL_LOG"]
        notes = [each for each in meetings if each["meetingType"] == "MEETING_NOTES"]
        assert (box["callLogCount"], box["meetingNotesCount"]) == (len(calls), len(notes))
        assert box["totalCallLogDuration"] == sum(each["duration"] or 0 for each in calls)
        assert box["mostRecentMeetingNotesTimestamp"] == max(
            (each["startTimestamp"] for each in notes), default=None
        )
        assert (box["gmailThreadCount"], box["fileCount"]) == (len(threads), len(files))
        mails = sorted(at for each in threads for at in each["messageSentTimestamps"])
        assert (
            box["totalNumberOfEmails"]
            == len(mails)
            == box["totalNumberOfSentEmails"] + box["totalNumberOfReceivedEmails"]
        )
        assert (box["firstEmailTimestamp"], box["lastEmailUpdatedTimestamp"]) == (
            (mails[0], mails[-1]) if mails else (None, None)
        )
        assert box["followerCount"] == len(box["followerKeys"]) == len(box["followerSharingEntries"])
        assert (
            box["creationTimestamp"]
            <= box["lastUpdatedTimestamp"]
            <= box["lastSavedTimestamp"]
            <= workspace.now
        )
        assert box["stageHistoryEntries"][-1]["stageKey"] == box["stageKey"]
        for child in (*comments, *tasks, *meetings, *threads, *files):
            assert child["boxKey"] == key
            assert child.get("pipelineKey", box["pipelineKey"]) == box["pipelineKey"]
            assert child["lastSavedTimestamp"] <= box["lastSavedTimestamp"]


def assert_references_hold(workspace: Workspace) -> None:
    users = {user["key"] for user in workspace.users()}
    team = workspace.teams()[0]["key"]
    boxes = {box["key"] for box in all_boxes(workspace)}
    for pipeline in workspace.pipelines():
        fields = {field["key"]: field for field in pipeline["fields"]}
        for box in workspace.boxes(pipeline["key"]):
            assert box["stageKey"] in pipeline["stages"]
            assert set(box["fields"]) <= set(fields)
            assert {box["creatorKey"], *box["followerKeys"]} <= users
            assert set(box["linkedBoxKeys"]) <= boxes
            for link in box["contacts"] or []:
                assert workspace.contact(link["key"])["teamKey"] == team
            for link in box["organizations"] or []:
                assert workspace.organization(link["key"])["teamKey"] == team
            for key, value in box["fields"].items():
                options = fields[key]["dropdownSettings"] or {"items": [{"key": value}]}
                keys = [*REMOVED_OPTIONS, *(each["key"] for each in options["items"])]
                assert fields[key]["type"] != "DROPDOWN" or value in keys
            comments = {each["key"]: each for each in workspace.comments(box["key"])}
            for comment in comments.values():
                assert comment["parent"] is None or comment["key"] in comments[comment["parent"]]["children"]
                for mention in comment["mentions"] or []:
                    start = mention["offset"]
                    assert comment["message"][start] == "@"
                    name = workspace.user(mention["userKey"])["displayName"]
                    assert comment["message"][start : start + mention["length"]] == "@" + name
