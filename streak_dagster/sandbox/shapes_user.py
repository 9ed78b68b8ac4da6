"""The two known forms of a user (API notes 3.1)."""

from __future__ import annotations

from .types import Json
from .variants import Variants

_OPENAPI = frozenset({
    "email", "creationTimestamp", "lastUpdatedTimestamp", "lastSavedTimestamp", "lastSeenTimestamp",
    "googleProfileId", "googleProfilePhotoUrl", "googleProfileLink", "googleProfileFullName",
    "googleProfileFirstName", "googleProfileLastName", "timezoneId", "userType",
    "securityReportOnTeamsPipelines", "externalSharingRestrictionOnTeamsPipelines",
    "automaticallySendInvoiceEmails", "emailsToSendInvoiceTo", "customerSpecifiedInvoiceData",
    "firstOauthTimestamp", "wantsTaskDigestEmail", "displayName", "key",
})  # fmt: skip
_NOT_OBSERVED = frozenset({
    "lowercaseEmail", "userType", "securityReportOnTeamsPipelines",
    "externalSharingRestrictionOnTeamsPipelines", "automaticallySendInvoiceEmails",
    "emailsToSendInvoiceTo", "customerSpecifiedInvoiceData",
})  # fmt: skip


def select_user(user: Json, variants: Variants) -> Json:
    """A user's properties of OpenAPI 2026, of the observed form (with secret `intercomHmac`), or of both."""
    if variants.user_shape == "openapi":
        return {name: value for name, value in user.items() if name in _OPENAPI}
    if variants.user_shape == "observed":
        return {name: value for name, value in user.items() if name not in _NOT_OBSERVED}
    return user
