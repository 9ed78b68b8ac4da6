"""Contacts: the people that a team knows, apart from any box."""

from __future__ import annotations

from .columns import nested, text, timestamp
from .model import ChangedSince, Endpoint, Kind, Paging, Table
from .teams import TEAMS

CONTACTS = Table(
    name="contacts",
    description=(
        "The people in the contact lists of all teams, one row a contact.\n\n"
        "A contact belongs to a team, and may be linked to any number of boxes and organizations. Streak "
        "removes links to a deleted contact with some delay, so that boxes and organizations may go on "
        "naming one that isn't here any more. The custom fields of contacts are defined by the team, in "
        "teams.contact_settings."
    ),
    primary_key=("key",),
    group="contacts",
    kind=Kind.TEAM_LIST,
    endpoint=Endpoint(
        "v2/teams/{parent}/contacts",
        Paging.CURSOR,
        page_size=1000,
        changed_since=ChangedSince("after", "last_saved_timestamp"),
    ),
    parent=TEAMS,
    parent_column="team_key",
    named_beyond_it="Streak removes links to deleted ones some time later",
    latest_by=("last_saved_timestamp", "version_timestamp"),
    called=(("given_name", "family_name"), ("email_addresses",)),
    preview=("key", "team_key", "creator_key", "creation_date", "last_saved_timestamp"),
    columns=(
        text("key", "Streak's key of the contact, an opaque text."),
        text("teamKey", "Key of the team whose contact it is.", references="teams.key"),
        text("givenName", "First name of the person.", personal=True),
        text("familyName", "Last name of the person.", personal=True),
        text("title", "What the person does for a living, such as CTO.", personal=True),
        nested(
            "emailAddresses",
            "List of the person's e-mail addresses, as texts.",
            shape="[<e-mail address>]",
            personal=True,
        ),
        nested(
            "phoneNumbers",
            "List of the numbers to call the person at, as texts.",
            shape="[<phone number>]",
            personal=True,
        ),
        nested(
            "addresses",
            "List of the person's postal addresses, as texts.",
            shape="[<postal address>]",
            personal=True,
        ),
        nested(
            "domains",
            "List of the internet domains of the e-mail addresses.",
            shape="[<domain>]",
            personal=True,
        ),
        nested(
            "normalizedDomains",
            "The same list as domains in one spelling, by which Streak presumably finds the organization.",
            shape="[<domain>]",
            personal=True,
        ),
        text("other", "What users noted of the person beside the declared properties.", personal=True),
        text("twitterHandle", "Name of the person on Twitter, now X.", personal=True),
        text("facebookHandle", "Name of the person on Facebook.", personal=True),
        text("linkedinHandle", "Name of the person on LinkedIn.", personal=True),
        text("instagramHandle", "Name of the person on Instagram.", personal=True),
        text("photoUrl", "Address of a picture of the person.", personal=True),
        nested(
            "fields",
            "Values of the team's custom fields by field key, each a text: an option's key where the field "
            "is a dropdown list.",
            shape="{<field key>: <text or option key>}",
            personal=True,
            defined_by="contact_settings",
        ),
        nested(
            "contactLinks",
            "List of links to other contacts: key of the contact, whether Streak linked them by itself "
            "(isMagicLinked), and when.",
            shape="[{key, isMagicLinked?, creationTimestamp?: ms}]",
        ),
        nested(
            "orgLinks",
            "List of links to organizations: key of the organization, whether Streak linked them by itself "
            "(isMagicLinked), and when.",
            shape="[{key, isMagicLinked?, creationTimestamp?: ms}]",
        ),
        text("creatorKey", "Key of the user who added the contact.", references="users.key"),
        text("lastSavedUserKey", "Key of the user who changed the contact last.", references="users.key"),
        timestamp("creationDate", "When somebody, or Streak itself, added the contact."),
        timestamp("versionTimestamp", "When the present version of the contact was made."),
        timestamp(
            "lastSavedTimestamp",
            "When Streak last wrote the contact to its database; the list can be asked for by it.",
        ),
        timestamp(
            "lastEnrichmentTimestamp",
            "When Streak last completed the contact with what is publicly known of the person.",
        ),
    ),
)
