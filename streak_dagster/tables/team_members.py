"""Who belongs to which team, taken out of the team itself."""

from __future__ import annotations

from .columns import text, timestamp
from .model import Kind, Members, Table
from .teams import TEAMS

TEAM_MEMBERS = Table(
    name="team_members",
    description=(
        "The people in every team, one row for each member of each team, with role and invitation.\n\n"
        "The rows are taken out of teams.members and cost no call. A user in two teams has a row in each. "
        "Somebody who was invited and hasn't accepted yet has few names, or none."
    ),
    primary_key=("team_key", "user_key"),
    group="workspace",
    kind=Kind.DERIVED,
    members=Members("members", member_as="userKey"),
    parent=TEAMS,
    parent_column="team_key",
    called=(("display_name",), ("full_name",), ("email",)),
    preview=("team_key", "user_key", "role", "invite_status", "invite_date", "user_type"),
    columns=(
        text("teamKey", "Key of the team that the user is a member of.", references="teams.key"),
        text(
            "userKey",
            "Key of the user who is a member; other tables name people by it.",
            aliases=("key",),
            references="users.key",
        ),
        text("displayName", "Name that Streak shows; often the member's e-mail address.", personal=True),
        text(
            "fullName",
            "Given and family name; NULL where Streak knows none.",
            personal=True,
        ),
        text("givenName", "First name of the member; NULL where Streak knows none.", personal=True),
        text("email", "E-mail address that the member signs in with.", personal=True),
        text("image", "Address of the member's picture.", personal=True),
        text("role", "What the member may do in the team: Member, Owner, PayerOnly or ArchiveOnly."),
        text("userType", "Whether the member is a person or a program: HUMAN or AGENT."),
        timestamp("inviteDate", "When the member was invited to the team."),
        text("inviteStatus", "Whether the invitation was accepted: Pending or Accepted."),
        text(
            "emailSharing",
            "What the team sees of the member's e-mail: None or Existence; in some answers true or false.",
        ),
        text("orgKey", "Key of an organization of Streak's own that the member had; older answers only."),
    ),
)
