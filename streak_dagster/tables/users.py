"""The users of every team: who people are behind the user keys of all other tables."""

from __future__ import annotations

from .columns import flag, integer, nested, text, timestamp
from .model import Endpoint, Kind, Table
from .teams import TEAMS

_WHO = (
    text("key", "Streak's key of the user, an opaque text.", aliases=("userKey",)),
    text(
        "teamKey",
        "Key of a team that lists the user; of several the one that comes first. team_members has them all.",
        references="teams.key",
    ),
    text("displayName", "Name that Streak shows; often the user's e-mail address.", personal=True),
    text("email", "E-mail address that the user signs in with.", personal=True),
    text("lowercaseEmail", "The same address in small letters; older answers only.", personal=True),
    text("googleProfileFullName", "Given and family name, as Google has them.", personal=True),
    text("googleProfileFirstName", "Given name alone, as Google has it.", personal=True),
    text("googleProfileLastName", "Family name alone, as Google has it.", personal=True),
    text("googleProfilePhotoUrl", "Address of the user's picture.", personal=True),
    text("googleProfileLink", "Address of the user's page at Google.", personal=True),
    text("googleProfileId", "Google's own identifier of the user.", personal=True),
    text("googleProfileGender", "Gender that the user told Google; older answers only.", personal=True),
    text("googleProfileLocale", "Language that the user told Google, for example en; older answers only."),
    text("userType", "Whether the user is a person or a program: HUMAN or AGENT."),
    text("timezoneId", "Time zone of the user, for example Europe/Berlin."),
)
_TIMES = (
    timestamp("creationTimestamp", "When the user was created in Streak."),
    timestamp("lastUpdatedTimestamp", "When the user's own data last changed."),
    timestamp("lastSavedTimestamp", "When Streak last wrote the user to its database, for any reason."),
    timestamp("lastSeenTimestamp", "When the user was last seen in Streak."),
    timestamp("firstOauthTimestamp", "When the user first gave Streak access to the mailbox, presumably."),
    timestamp("lastTrialStart", "When the user's latest trial began; seen in some answers only."),
    timestamp("lastProPlusTrialStart", "When the latest trial of Pro+ began; seen in some answers only."),
)
_SETTINGS = (
    flag("isOauthComplete", "Whether the user has given Streak access to the mailbox, presumably."),
    flag("wantsTaskDigestEmail", "Whether the user gets an e-mail with the tasks of the day."),
    flag("securityReportOnTeamsPipelines", "Whether reports on the sharing of the team's pipelines are on."),
    flag(
        "externalSharingRestrictionOnTeamsPipelines",
        "Whether sharing the team's pipelines with people outside is restricted.",
    ),
    flag("automaticallySendInvoiceEmails", "Whether Streak sends invoices by e-mail on its own."),
    nested(
        "emailsToSendInvoiceTo",
        "List of the e-mail addresses that receive invoices.",
        shape="[<e-mail address>]",
        personal=True,
    ),
    nested(
        "customerSpecifiedInvoiceData",
        "What the user wants to read on invoices.",
        shape="<not documented>",
        personal=True,
    ),
    nested(
        "usedPlatforms",
        "List of where the user has used Streak, each with first and last day.",
        shape="[{platform, firstDateOfUse, lastDateOfUse}]",
    ),
    integer("lastTrialLength", "How long the latest trial was to last, presumably in days."),
    flag("onTrialWithoutCreditCard", "Whether the user is on trial and left no credit card."),
    flag("canceledTrial", "Whether the user ended a trial early."),
    flag("hasCancellationDiscount", "Whether a discount was given instead of a cancellation, presumably."),
    text("userSource", "How the user came to Streak; its values aren't documented."),
)
_OLD_OR_DOUBLE = (
    text("userKey", "The same value as key, under the name that version 1 also gives it.", aliases=("key",)),
    text("orgKey", "Key of an organization of Streak's own that the user had; older answers only."),
    text("userSettingsKey", "Key of the user's settings; seen in some answers only."),
    text("streakCalendarId", "Identifier of the calendar that Streak keeps for the user, presumably."),
    text("googleAnalyticsClientId", "Identifier of the user's browser for statistics of visits."),
    text("tourId", "How far the user came in the introduction to Streak, presumably; a number as text."),
    nested(
        "firstExtension",
        "Presumably the browser extension that the user had first; not documented.",
        shape="<not documented>",
    ),
)

USERS = Table(
    name="users",
    description=(
        "The users of the teams, archived ones, payers and agents included, one row a user.\n\n"
        "Read with one call for each team. A user in several teams has one row. A key in another table "
        "may lead to no user: people outside the teams work in shared pipelines, too. Secrets that come "
        "with a user are never stored."
    ),
    primary_key=("key",),
    group="workspace",
    kind=Kind.PARENT_LIST,
    endpoint=Endpoint("v2/teams/{parent}/users"),
    parent=TEAMS,
    parent_column="team_key",
    optional=True,  # people have names without it, from the members of teams
    in_several_lists=True,
    named_beyond_it="people outside the teams work in shared pipelines",
    latest_by=("last_saved_timestamp", "last_updated_timestamp", "last_seen_timestamp"),
    called=(("display_name",), ("email",)),
    preview=("key", "team_key", "user_type", "timezone_id", "creation_timestamp", "last_seen_timestamp"),
    change_columns=("members",),
    columns=(*_WHO, *_TIMES, *_SETTINGS, *_OLD_OR_DOUBLE),
)
