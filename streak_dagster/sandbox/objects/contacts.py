"""Canonical contacts and organizations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from .types import Json


def new_contact(
    key: str,
    team_key: str,
    creator: Json,
    created: int,
    *,
    given: str | None = None,
    family: str | None = None,
    title: str | None = None,
    emails: Sequence[str] = (),
    phones: Sequence[str] = (),
    addresses: Sequence[str] = (),
    other: str | None = None,
    saved: int | None = None,
    fields: Mapping[str, str] | None = None,
    organizations: Iterable[str] = (),
    linkedin: str | None = None,
) -> Json:
    """A contact; `organizations` are the keys that its `orgLinks` point to."""
    domains = list(dict.fromkeys(email.partition("@")[2] for email in emails))
    return {
        "key": key,
        "teamKey": team_key,
        "givenName": given,
        "familyName": family,
        "other": other,
        "title": title,
        "emailAddresses": list(emails),
        "phoneNumbers": list(phones),
        "addresses": list(addresses),
        "domains": domains,
        "normalizedDomains": [domain.lower() for domain in domains],
        "twitterHandle": None,
        "facebookHandle": None,
        "linkedinHandle": linkedin,
        "instagramHandle": None,
        "photoUrl": None,
        "lastSavedUserKey": creator["key"],
        "creatorKey": creator["key"],
        "creationDate": created,
        "versionTimestamp": saved or created,
        "lastSavedTimestamp": saved or created,
        "lastEnrichmentTimestamp": None,
        "contactLinks": [],
        "orgLinks": [_link(each, created) for each in organizations],
        "fields": dict(fields or {}),
    }


def new_organization(
    key: str,
    team_key: str,
    creator: Json,
    created: int,
    *,
    name: str | None,
    domains: Sequence[str] = (),
    industry: str | None = None,
    employees: str | None = None,
    phones: Sequence[str] = (),
    addresses: Sequence[str] = (),
    saved: int | None = None,
    other: str | None = None,
    fields: Mapping[str, str] | None = None,
    contacts: Iterable[str] = (),
) -> Json:
    """An organization; `contacts` are the keys that its `contactLinks` point to."""
    return {
        "key": key,
        "teamKey": team_key,
        "name": name,
        "other": other,
        "industry": industry,
        "employeeCount": employees,
        "domains": list(domains),
        "normalizedDomains": [domain.lower() for domain in domains],
        "phoneNumbers": list(phones),
        "addresses": list(addresses),
        "logoURL": f"https://logos.example.com/{domains[0]}.png" if domains else None,
        "twitterHandle": None,
        "facebookHandle": None,
        "linkedinHandle": None,
        "instagramHandle": None,
        "lastSavedUserKey": creator["key"],
        "creatorKey": creator["key"],
        "creationDate": created,
        "versionTimestamp": saved or created,
        "lastSavedTimestamp": saved or created,
        "lastEnrichmentTimestamp": saved,
        "contactLinks": [_link(each, created) for each in contacts],
        "orgLinks": [],
        "fields": dict(fields or {}),
    }


def _link(key: str, at: int) -> Json:
    return {"key": key, "isMagicLinked": True, "creationTimestamp": at}
