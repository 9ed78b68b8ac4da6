"""Databases hold the fingerprint of the declaration that their rows were stored by.

Another one makes the next refresh ask for every box again, however little changed.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from streak_dagster.sync.refresh import declaration_fingerprint
from streak_dagster.tables import ALL_TABLES, SNIPPETS, WEBHOOKS, Endpoint, Paging

STORED = {
    "teams": "464137e5414119ae",
    "team_members": "02f0c98055a6738d",
    "users": "3c48d668e93fffe0",
    "pipelines": "9f018764b581f161",
    "pipeline_stages": "c1cabbdbb8dd5ce3",
    "pipeline_fields": "73c22bf5ed047474",
    "pipeline_boxes": "9125799ede0eba99",
    "box_comments": "dd1de9885712b6c4",
    "box_meetings": "d7c6675d30f2d9b7",
    "box_tasks": "3eac7b51450f1f0a",
    "box_threads": "7078c14f0ee23b77",
    "box_files": "686ba1e3e3bde678",
    "box_contacts": "75a5793daed6bd1f",
    "box_organizations": "0397e6951adc266f",
    "box_stage_history": "04105d2b08ca992d",
    "box_field_values": "f00e70ac3ac3daaa",
    "contacts": "4cf2a506a7592456",
    "organizations": "354a7bba1c3e255c",
    "contact_fields": "422cd2bb5e358d07",
    "organization_fields": "5dd6e11b31038357",
    "snippets": "aabbaf6dde154beb",
    "webhooks": "9ad7ed1951d97ae0",
    "newsfeed": "3d974932c28ba157",
}
"""To be changed only together with what is stored of a table."""


def test_no_fingerprint_changes_by_itself() -> None:
    assert {table.name: declaration_fingerprint(table) for table in ALL_TABLES} == STORED


@pytest.mark.parametrize(
    "endpoint",
    [
        Endpoint("v2/snippets"),
        Endpoint("v1/snippets", Paging.NUMBERED),
        Endpoint("v1/snippets", Paging.CURSOR),
        Endpoint("v1/snippets", Paging.CURSOR, page_size=1000),
        Endpoint("v1/snippets", small=False),
    ],
)
def test_another_endpoint_is_another_fingerprint(endpoint: Endpoint) -> None:
    changed = declaration_fingerprint(replace(SNIPPETS, endpoint=endpoint))
    assert changed != declaration_fingerprint(SNIPPETS)


def test_so_is_a_further_list() -> None:
    changed = declaration_fingerprint(replace(WEBHOOKS, also=()))
    assert changed != declaration_fingerprint(WEBHOOKS)
