"""The sandbox's own paths, for tests in another process: not counted, not limited, no key.

GET, DELETE /_sandbox/journal   what arrived; forget it
GET, POST, DELETE /_sandbox/faults   the plan; add one (an object) or some (an array); call all off
POST /_sandbox/revoke, /_sandbox/restore   make a key (`{"key": ...}`, by default the first) invalid, or valid
POST /_sandbox/edit   `{"do": "delete_box", "key": ...}`: an edit of a workspace and its arguments by name
GET /_sandbox/health
"""

from __future__ import annotations

import json
from typing import Any

from ..answers import Answer, error_answer, json_answer
from ..faults.spelling import fault_from_json
from .call import HTTPError
from .state import State

EDITS = (
    "advance", "add_box", "update_box", "delete_box", "remove_pipeline", "hide_pipeline",
    "show_pipeline", "add_comment", "add_task", "add_meeting", "add_thread", "add_file",
    "update_child", "remove_child", "add_pipeline", "update_pipeline", "add_stage", "update_stage",
    "add_field", "update_field", "remove_field", "set_option", "add_contact", "update_contact",
    "delete_contact", "add_organization", "update_organization", "delete_organization",
    "update_user", "add_snippet", "update_snippet", "delete_snippet",
)  # fmt: skip
"""Methods of `Workspace` that `edit` calls."""


def inspect(state: State, method: str, path: str, body: bytes) -> Answer:
    """Answer a request below `/_sandbox/`; `HTTPError` says in a sentence what is wrong with it."""
    name = path.removeprefix("/_sandbox/")
    handler = _HANDLERS.get((method, name))
    if handler is None:
        found = any(name == known for _, known in _HANDLERS)
        return error_answer(405 if found else 404, f"Not found: {method} {path}", "unknown")
    return json_answer(handler(state, body))


def _health(_state: State, _body: bytes) -> Any:
    return {"ok": True}


def _journal(state: State, _body: bytes) -> Any:
    return state.journal.as_json()


def _forget(state: State, _body: bytes) -> Any:
    state.journal.clear()
    return {"success": True}


def _faults(state: State, _body: bytes) -> Any:
    return state.faults.as_json()


def _add_faults(state: State, body: bytes) -> Any:
    sent = _json(body)
    try:
        made = [fault_from_json(each) for each in (sent if isinstance(sent, list) else [sent])]
    except ValueError as error:
        raise HTTPError(400, str(error)) from None
    for fault in made:
        state.faults.plan(fault)
    return {"success": True, "faults": len(made)}


def _clear_faults(state: State, _body: bytes) -> Any:
    state.faults.clear()
    return {"success": True}


def _revoke(state: State, body: bytes) -> Any:
    state.revoked.add(_key(state, body))
    return {"success": True}


def _restore(state: State, body: bytes) -> Any:
    state.revoked.discard(_key(state, body))
    return {"success": True}


def _edit(state: State, body: bytes) -> Any:
    arguments = _object(body)
    name, account = arguments.pop("do", None), arguments.pop("account", state.key)
    if name not in EDITS:
        raise HTTPError(400, f"There is no edit {name!r}; there are {', '.join(EDITS)}.")
    workspace = state.workspace if account == state.key else state.accounts.get(account)
    if workspace is None:
        raise HTTPError(400, "No account has that key.")
    try:
        return {"success": True, "result": getattr(workspace, name)(**arguments)}
    except KeyError as missing:
        raise HTTPError(404, f"No such object: {missing.args[0]}") from None
    except (TypeError, ValueError) as error:
        raise HTTPError(400, f"The edit {name} can't be done like that: {error}") from None


def _key(state: State, body: bytes) -> str:
    key = _object(body or b"{}").get("key", state.key)
    if key != state.key and key not in state.accounts:
        raise HTTPError(400, "No account has that key.")
    return str(key)


def _object(body: bytes) -> dict[str, Any]:
    value = _json(body)
    if not isinstance(value, dict):
        raise HTTPError(400, "Expected a JSON object.")
    return value


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        raise HTTPError(400, "Expected JSON.") from None


_HANDLERS = {
    ("GET", "health"): _health,
    ("GET", "journal"): _journal,
    ("DELETE", "journal"): _forget,
    ("GET", "faults"): _faults,
    ("POST", "faults"): _add_faults,
    ("DELETE", "faults"): _clear_faults,
    ("POST", "revoke"): _revoke,
    ("POST", "restore"): _restore,
    ("POST", "edit"): _edit,
}
