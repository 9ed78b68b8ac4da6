"""Canonical users, and the two short forms of them that stand on other objects."""

from __future__ import annotations

import hashlib

from .types import MINUTE, Json


def user_brief(user: Json) -> Json:
    """OpenAPI's UserBrief of a user."""
    return {
        "userKey": user["key"],
        "email": user["email"],
        "displayName": user["displayName"],
        "fullName": user["googleProfileFullName"],
        "givenName": user["googleProfileFirstName"],
        "avatarUrl": user["googleProfilePhotoUrl"],
    }


def sharing_entry(user: Json) -> Json:
    """The older form of the same, on boxes, tasks and pipelines."""
    return {
        "displayName": user["displayName"],
        "fullName": user["googleProfileFullName"],
        "email": user["email"],
        "image": user["googleProfilePhotoUrl"],
        "userKey": user["key"],
    }


def new_user(
    key: str,
    email: str,
    name: str,
    *,
    created: int,
    seen: int | None,
    kind: str = "HUMAN",
    timezone: str | None = None,
) -> Json:
    """A user with all properties of OpenAPI 2026 and of the observed form, `intercomHmac` included."""
    given, _, family = name.partition(" ")
    saved = max(created, seen or created)
    return {
        "key": key,
        "userKey": key,
        "email": email,
        "lowercaseEmail": email.lower(),
        "displayName": name,
        "creationTimestamp": created,
        "lastUpdatedTimestamp": saved,
        "lastSavedTimestamp": saved,
        "lastSeenTimestamp": seen,
        "isOauthComplete": kind == "HUMAN",
        "firstOauthTimestamp": created + 4 * MINUTE if kind == "HUMAN" else None,
        "userType": kind,
        "timezoneId": timezone,
        "googleProfileId": str(100_000_000_000_000_000_000 + created % 10**12) if kind == "HUMAN" else None,
        "googleProfilePhotoUrl": f"https://photos.example.com/{given.lower()}.png",
        "googleProfileLink": None,
        "googleProfileFullName": name,
        "googleProfileFirstName": given,
        "googleProfileLastName": family or None,
        "googleProfileGender": None,
        "googleProfileLocale": "en",
        "googleAnalyticsClientId": None,
        "securityReportOnTeamsPipelines": False,
        "externalSharingRestrictionOnTeamsPipelines": False,
        "automaticallySendInvoiceEmails": False,
        "emailsToSendInvoiceTo": [],
        "customerSpecifiedInvoiceData": None,
        "wantsTaskDigestEmail": True,
        "orgKey": None,
        "tourId": "-2",
        "userSettingsKey": key + "S",
        "streakCalendarId": None,
        "lastTrialStart": created,
        "lastTrialLength": 14,
        "onTrialWithoutCreditCard": False,
        "canceledTrial": False,
        "userSource": "INVITE",
        "usedPlatforms": [{"platform": "CHROME", "firstDateOfUse": created, "lastDateOfUse": saved}],
        # Looks like the real thing, so that a test can prove that it is stored nowhere.
        "intercomHmac": hashlib.sha256(f"intercom {key}".encode()).hexdigest(),
    }
