"""Users, teams, contacts, organizations, snippets and webhooks."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from ...objects.types import Json, with_key
from ..call import Call
from ..paging import cursor_page, page_of
from ..routing import Route, slow
from ..shapes import finish, shape_contact, shape_snippet, shape_team, shape_user


def me(call: Call) -> Json:
    """The user whom the key belongs to."""
    return shape_user(call.workspace.users()[0], call.variants)


def user(call: Call, key: str) -> Json:
    """One user."""
    return shape_user(call.workspace.user(key), call.variants)


def teams(call: Call) -> Json:
    """The teams of the key's user, newest first."""
    found, more = page_of(call, call.workspace.teams())
    return call.wrapped([shape_team(each, call.variants) for each in found], more=more)


def team(call: Call, key: str) -> Json:
    """One team."""
    return shape_team(call.workspace.team(key), call.variants)


def team_users(call: Call, key: str) -> Json:
    """All users of a team; no paging."""
    call.workspace.team(key)
    return call.wrapped([shape_user(each, call.variants) for each in call.workspace.users()], more=False)


def api_keys(call: Call) -> list[Json]:
    """The API keys of the key's user: a bare array with one that was made up."""
    owner = call.workspace.users()[0]
    made = owner["creationTimestamp"]
    secret = hashlib.sha256(str(owner["key"]).encode()).hexdigest()[:32]
    names = {"key": f"{owner['key']}K", "apiKey": secret, "keyType": "USER", "teamKey": None}
    found, _ = page_of(call, [{**names, "creationTimestamp": made, "lastSavedTimestamp": made}])
    return [finish(each, call.variants) for each in found]


@slow
def contacts(call: Call, team_key: str) -> Json:
    """Contacts by cursor; `after` is in epoch seconds, unlike every other time of the API."""
    after = call.number("after")
    if call.variants.contacts_after == "ignored":
        after = None
    found = call.workspace.contacts(team_key)
    return cursor_page(
        call, found, lambda each: shape_contact(each, call.variants), None if after is None else after * 1000
    )


def contact(call: Call, key: str) -> Json:
    """One contact."""
    return shape_contact(call.workspace.contact(key), call.variants)


@slow
def contact_batch(call: Call) -> Json | None:
    """Contacts by their keys; unknown ones are left out."""
    return _batch(call, call.workspace.contact)


@slow
def organizations(call: Call, team_key: str) -> Json:
    """Organizations by cursor; there is no `after`."""
    found = call.workspace.organizations(team_key)
    return cursor_page(call, found, lambda each: shape_contact(each, call.variants))


def organization(call: Call, key: str) -> Json:
    """One organization."""
    return shape_contact(call.workspace.organization(key), call.variants)


@slow
def organization_batch(call: Call) -> Json | None:
    """Organizations by their keys; unknown ones are left out."""
    return _batch(call, call.workspace.organization)


def _batch(call: Call, get: Callable[[str], Json]) -> Json | None:
    keys = call.key_list()
    if keys is None:
        return None
    found: Json = {}
    for key in keys:
        with suppress(KeyError):
            found[key] = shape_contact(get(key), call.variants)
    return found


def snippets(call: Call) -> list[Json]:
    """The user's snippets: a bare array."""
    return [shape_snippet(each, call.variants) for each in call.workspace.snippets()]


def snippet(call: Call, key: str) -> Any:
    """One snippet: an object, or as the docs' type has it an array of one."""
    shaped = shape_snippet(with_key(call.workspace.snippets(), key), call.variants)
    return [shaped] if call.variants.single_snippet == "array" else shaped


def pipeline_webhooks(call: Call, key: str) -> Any:
    """Webhooks of a pipeline."""
    call.workspace.pipeline(key)
    return _webhooks(call, key)


def team_webhooks(call: Call, key: str) -> Any:
    """Webhooks of a team."""
    call.workspace.team(key)
    return _webhooks(call, key)


def _webhooks(call: Call, key: str) -> Any:
    """A bare array, or as Streak's wrapper for Node reads them."""
    found = [finish(each, call.variants) for each in call.workspace.webhooks(key)]
    return call.wrapped(found, more=False) if call.variants.webhooks_envelope == "wrapped" else found


def webhook(call: Call, key: str) -> Json:
    """One webhook."""
    return finish(with_key(call.workspace.webhooks(), key), call.variants)


ROUTES: list[Route] = [
    ("GET", "v1/users/me", me),
    ("GET", "v1/users/*", user),
    ("GET", "v1/apikeys", api_keys),
    ("GET", "v2/users/me/teams", teams),
    ("GET", "v2/teams/*", team),
    ("GET", "v2/teams/*/users", team_users),
    ("GET", "v2/teams/*/contacts", contacts),
    ("GET", "v2/teams/*/organizations", organizations),
    ("GET", "v2/teams/*/webhooks", team_webhooks),
    ("GET", "v2/contacts/*", contact),
    ("POST", "v2/contacts/batch/get", contact_batch),
    ("GET", "v2/organizations/*", organization),
    ("POST", "v2/organizations/batch/get", organization_batch),
    ("GET", "v1/snippets", snippets),
    ("GET", "v1/snippets/*", snippet),
    ("GET", "v2/pipelines/*/webhooks", pipeline_webhooks),
    ("GET", "v2/webhooks/*", webhook),
]
