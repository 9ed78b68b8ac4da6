"""A toy table of each kind, as somebody would add it: one declaration and one short asset."""

from streak_dagster.assets.base import streak_asset
from streak_dagster.assets.fetching import derive, fetch_list, fetch_planned
from streak_dagster.assets.step import Step
from streak_dagster.sync.fetched import Fetched
from streak_dagster.tables import PIPELINE_BOXES, PIPELINES, TEAMS, Endpoint, Kind, Members, Paging, Table
from streak_dagster.tables.columns import integer, text, timestamp

TOY_SNIPPETS = Table(
    name="toy_snippets",
    description="Snippets, as a list of the account.",
    primary_key=("key",),
    group="toys",
    kind=Kind.ACCOUNT_LIST,
    endpoint=Endpoint("v1/snippets"),
    preview=("key", "snippet_name"),
    columns=(text("key", "Key.", aliases=("snippetKey",)), text("snippetName", "Name.")),
)
TOY_FIELDS = Table(
    name="toy_fields",
    description="Fields, as a list of each of a few parents.",
    primary_key=("pipeline_key", "key"),
    group="toys",
    kind=Kind.PARENT_LIST,
    endpoint=Endpoint("v1/pipelines/{parent}/fields"),
    parent=PIPELINES,
    parent_column="pipeline_key",
    columns=(
        text("pipelineKey", "Pipeline.", references="pipelines.key"),
        text("key", "Key."),
        text("name", "Name."),
    ),
)
TOY_FILES = Table(
    name="toy_files",
    description="Files, as a list of each of many parents, of which a plan says whom to ask.",
    primary_key=("key",),
    group="toys",
    kind=Kind.PARENT_LIST,
    endpoint=Endpoint("v1/boxes/{parent}/files"),
    parent=PIPELINE_BOXES,
    parent_column="box_key",
    counters=("file_count",),
    columns=(
        text("key", "Key.", aliases=("fileKey",)),
        text("boxKey", "Box.", references="pipeline_boxes.key"),
        text("fileName", "Name."),
        integer("size", "Bytes."),
    ),
)
TOY_LINKS = Table(
    name="toy_links",
    description="Contacts of boxes, derived from the boxes.",
    primary_key=("box_key", "contact_key"),
    group="toys",
    kind=Kind.DERIVED,
    members=Members("contacts"),
    parent=PIPELINE_BOXES,
    parent_column="box_key",
    columns=(
        text("boxKey", "Box.", references="pipeline_boxes.key"),
        text("contactKey", "Contact.", aliases=("key",), references="toy_contacts.key"),
    ),
)
TOY_CONTACTS = Table(
    name="toy_contacts",
    description="Contacts, as a list of each team that is read by cursor.",
    primary_key=("key",),
    group="toys",
    kind=Kind.TEAM_LIST,
    endpoint=Endpoint("v2/teams/{parent}/contacts", Paging.CURSOR, page_size=7),
    parent=TEAMS,
    parent_column="team_key",
    latest_by=("last_saved_timestamp",),
    columns=(
        text("key", "Key."),
        text("teamKey", "Team.", references="teams.key"),
        text("givenName", "Name.", personal=True),
        timestamp("lastSavedTimestamp", "When it was saved."),
    ),
)
TOYS = (TOY_SNIPPETS, TOY_FIELDS, TOY_FILES, TOY_LINKS, TOY_CONTACTS)


@streak_asset(TOY_SNIPPETS)
def toy_snippets(step: Step) -> Fetched:
    return fetch_list(TOY_SNIPPETS, step)


@streak_asset(TOY_FIELDS)
def toy_fields(step: Step) -> Fetched:
    return fetch_list(TOY_FIELDS, step)


@streak_asset(TOY_FILES)
def toy_files(step: Step) -> Fetched:
    return fetch_planned(TOY_FILES, step)


@streak_asset(TOY_LINKS)
def toy_links(step: Step) -> Fetched:
    return derive(TOY_LINKS, step)


@streak_asset(TOY_CONTACTS)
def toy_contacts(step: Step) -> Fetched:
    return fetch_list(TOY_CONTACTS, step)


TOY_ASSETS = [toy_snippets, toy_fields, toy_files, toy_links, toy_contacts]
