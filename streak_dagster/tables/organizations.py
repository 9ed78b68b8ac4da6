"""Organizations: the companies and other bodies that a team knows, apart from any box."""

from __future__ import annotations

from .columns import nested, text, timestamp
from .model import Endpoint, Kind, Paging, Table
from .teams import TEAMS

ORGANIZATIONS = Table(
    name="organizations",
    description=(
        "The companies and other bodies in the lists of all teams, one row an organization.\n\n"
        "An organization belongs to a team, and may be linked to any number of boxes and contacts. Streak "
        "removes links to a deleted one with some delay, so that boxes and contacts may go on naming one "
        "that isn't here any more. The custom fields of organizations are defined by the team, in "
        "teams.organization_settings."
    ),
    primary_key=("key",),
    group="contacts",
    kind=Kind.TEAM_LIST,
    endpoint=Endpoint("v2/teams/{parent}/organizations", Paging.CURSOR, page_size=1000),
    parent=TEAMS,
    parent_column="team_key",
    named_beyond_it="Streak removes links to deleted ones some time later",
    latest_by=("last_saved_timestamp", "version_timestamp"),
    called=(("name",),),
    preview=("key", "team_key", "name", "industry", "employee_count", "last_saved_timestamp"),
    columns=(
        text("key", "Streak's key of the organization, an opaque text."),
        text("teamKey", "Key of the team whose organization it is.", references="teams.key"),
        text("name", "What the organization is called."),
        nested("domains", "List of the organization's internet domains, as texts.", shape="[<domain>]"),
        nested(
            "normalizedDomains",
            "The same list as domains in one spelling, by which Streak presumably finds its contacts.",
            shape="[<domain>]",
        ),
        text("industry", "What the organization does, such as Software."),
        text("employeeCount", "How many people work there, as a range in text, such as 11-50."),
        nested(
            "phoneNumbers",
            "List of the numbers to call the organization at, as texts.",
            shape="[<phone number>]",
            personal=True,
        ),
        nested(
            "addresses",
            "List of the organization's postal addresses, as texts.",
            shape="[<postal address>]",
            personal=True,
        ),
        text("other", "What users noted of the organization beside the declared properties.", personal=True),
        text("logoURL", "Address of a picture of the organization's logo."),
        text("twitterHandle", "Name of the organization on Twitter, now X."),
        text("facebookHandle", "Name of the organization on Facebook."),
        text("linkedinHandle", "Name of the organization on LinkedIn."),
        text("instagramHandle", "Name of the organization on Instagram."),
        nested(
            "fields",
            "Values of the team's custom fields by field key, each a text: an option's key where the field "
            "is a dropdown list.",
            shape="{<field key>: <text or option key>}",
            personal=True,
            defined_by="organization_settings",
        ),
        nested(
            "contactLinks",
            "List of links to contacts: key of the contact, whether Streak linked them by itself "
            "(isMagicLinked), and when.",
            shape="[{key, isMagicLinked?, creationTimestamp?: ms}]",
        ),
        nested(
            "orgLinks",
            "List of links to other organizations: key of the organization, whether Streak linked them by "
            "itself (isMagicLinked), and when.",
            shape="[{key, isMagicLinked?, creationTimestamp?: ms}]",
        ),
        text("creatorKey", "Key of the user who added the organization.", references="users.key"),
        text(
            "lastSavedUserKey", "Key of the user who changed the organization last.", references="users.key"
        ),
        timestamp("creationDate", "When somebody, or Streak itself, added the organization."),
        timestamp("versionTimestamp", "When the present version of the organization was made."),
        timestamp(
            "lastSavedTimestamp",
            "When Streak last wrote the organization to its database, for any reason.",
        ),
        timestamp(
            "lastEnrichmentTimestamp",
            "When Streak last completed the organization with what is publicly known of it.",
        ),
    ),
)
