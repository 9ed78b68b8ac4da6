"""Is it really gone? Asked by key before anything that the table had is dropped.

A list can lose rows: pages shift while boxes come and go, and a permission can be lost. Streak has no
tombstones, so only asking by key shows whether it was a deletion or a glitch.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from streak_dagster.api.envelopes import Record, read_page
from streak_dagster.errors import ABOUT_ONE_OBJECT, ObjectUnavailableError, UnreadableAnswerError
from streak_dagster.tables import PIPELINE_BOXES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from streak_dagster.api.client import StreakClient
    from streak_dagster.api.usage import Answer
    from streak_dagster.tables import Table

BATCH = 100
"""Keys in one call of the batch endpoint, which documents no limit; a page of the box list holds as many."""
MAX_UNCLEAR_IN_A_ROW = 10
"""Unclear answers in a row after which no more keys are asked for."""


@dataclass
class AskedByKey:
    """What asking by key brought: records with the time of the answer (ms), and which keys are gone, and why.

    ``unclear`` are keys of which the answer said neither, each with what came instead.
    """

    present: list[tuple[Record, int]] = field(default_factory=list)
    gone: dict[str, ObjectUnavailableError] = field(default_factory=dict)
    unclear: dict[str, str] = field(default_factory=dict)


def read_object(body: Any, table: Table, key: str) -> Record:
    """The object of that key, which is a row of the table; a list of one is taken for it.

    Raises UnreadableAnswerError for anything else, another object too.
    """
    if isinstance(body, list) and len(body) == 1:
        body = body[0]
    if not isinstance(body, dict) or key not in [body.get(name) for name in table.key_names]:
        raise UnreadableAnswerError(
            f"Streak answered {_subject(table, key)} with something that hasn't this key.", status=200
        )
    return body


def fetch_one(client: StreakClient, table: Table, key: str) -> Answer[Record]:
    """The object of one row, such as a box or a pipeline, by its key.

    Raises ObjectUnavailableError when it's gone or not for this key, and KeyRefusedError when the key
    sees nothing any more: then its refusals say nothing about the object.
    """
    assert table.row is not None, f"{table.name} declares no row to ask for"
    path = table.row.path.format(key=quote(key, safe=""))
    try:
        return client.get(path, subject=_subject(table, key), read=lambda body: read_object(body, table, key))
    except ObjectUnavailableError as error:
        if error.status in (401, 403):
            client.confirm_key()
        raise


def _subject(table: Table, key: str) -> str:
    return f"{table.row.many if table.row else table.name} {key}"


def confirm_each(client: StreakClient, table: Table, keys: Sequence[str]) -> AskedByKey:
    """Ask for each key by itself.

    Raises the ApiError that isn't about one of them, or the last of ``MAX_UNCLEAR_IN_A_ROW`` unclear ones.
    """
    found, unclear_in_a_row = AskedByKey(), 0
    for key in keys:
        if _confirm_one(client, table, key, found, last=unclear_in_a_row + 1 >= MAX_UNCLEAR_IN_A_ROW):
            unclear_in_a_row = 0
        else:
            unclear_in_a_row += 1
    return found


def _confirm_one(client: StreakClient, table: Table, key: str, found: AskedByKey, *, last: bool) -> bool:
    """Whether the answer was clear. Raises an unclear one where it is the ``last`` that may be."""
    try:
        answer = fetch_one(client, table, key)
    except ObjectUnavailableError as error:
        found.gone[key] = error
    except ABOUT_ONE_OBJECT as error:
        if last:
            raise
        found.unclear[key] = str(error)
        return False
    else:
        found.present.append((answer.content, answer.received_at))
    return True


def confirm_boxes(client: StreakClient, pipeline: str, keys: Sequence[str]) -> Iterator[AskedByKey]:
    """Ask for boxes of a pipeline, many a call; each by itself where the batch endpoint won't.

    What it leaves out is asked for by itself, too: the box may be in another pipeline by now, and no
    source says that the endpoint answers with all it could.
    """
    for start in range(0, len(keys), BATCH):
        batch = keys[start : start + BATCH]
        if len(batch) == 1:
            yield confirm_each(client, PIPELINE_BOXES, batch)
            continue
        subject = f"{len(batch)} boxes of pipeline {pipeline}"
        path = f"v1/pipelines/{quote(pipeline, safe='')}/boxes/batch/"
        try:
            answer = client.post(
                path,
                batch,
                subject=subject,
                read=partial(read_page, subject=subject, keys=PIPELINE_BOXES.key_names),
            )
        except ABOUT_ONE_OBJECT:  # why ever the batch endpoint refuses, each box can be asked for
            yield confirm_each(client, PIPELINE_BOXES, batch)
            continue
        records = answer.content.records
        present = {record.get("key") or record.get("boxKey") for record in records}
        found = confirm_each(client, PIPELINE_BOXES, [key for key in batch if key not in present])
        found.present += [(record, answer.received_at) for record in records]
        yield found
