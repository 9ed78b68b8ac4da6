"""The settings that lead out of this machine (the key, Streak's address, the webhook's), and all secrets.

Keys and webhook are secrets. Their values aren't kept: a setting only says whether there is one, and no
message quotes it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from streak_dagster.api.hosts import is_on_this_machine
from streak_dagster.errors import SettingsError
from streak_dagster.settings.kinds import Kind

if TYPE_CHECKING:
    from urllib.parse import SplitResult

SHORTEST_HASH_KEY = 16
STREAKS_URL = "https://api.streak.com/api"


def _is_key(text: str) -> bool:
    if not (text.isascii() and text.isprintable() and not set(text) & set(" \"'")):
        raise SettingsError(
            "STREAK_API_KEY holds a space, a quote or a character that no API key has. "
            "Copy the key from Streak again, without quotes or line breaks."
        )
    return bool(text)


def _is_hash_key(text: str) -> bool:
    if text and len(text) < SHORTEST_HASH_KEY:
        raise SettingsError(
            f"STREAK_HASH_KEY is too short: whoever tries keys would find it. Give it {SHORTEST_HASH_KEY} "
            "characters or more, such as `openssl rand -hex 32` makes them."
        )
    return bool(text)


def _streaks_url(text: str) -> str:
    parts = _web_address(text)
    if parts is None or parts.username or parts.query or parts.fragment:
        raise SettingsError(f"STREAK_API_URL must be an address such as {STREAKS_URL}.")
    if parts.scheme == "http" and not is_on_this_machine(text):
        raise SettingsError(
            f"STREAK_API_URL asks for plain http to {parts.hostname}, which would show the API key to the "
            "network. Use https; plain http is for this machine only (127.0.0.1)."
        )
    return text.rstrip("/")


def _is_webhook(text: str) -> bool:
    if not text:
        return False
    parts = _web_address(text)
    if parts is None or (parts.scheme == "http" and not is_on_this_machine(text)):
        raise SettingsError(
            "STREAK_ALERT_WEBHOOK must be an https address that takes a JSON message, such as an incoming "
            "webhook of Slack; plain http is for this machine only."
        )
    return True


def _web_address(url: str) -> SplitResult | None:
    """The parts of an http or https address; None for anything else."""
    try:
        parts = urlsplit(url)
        port_is_valid = parts.port is None or parts.port > 0
    except ValueError:
        return None
    return parts if parts.scheme in ("http", "https") and parts.hostname and port_is_valid else None


API_KEY = Kind("a key as Streak shows it, without quotes", _is_key)
HASH_KEY = Kind(f"{SHORTEST_HASH_KEY} characters or more", _is_hash_key)
API_URL = Kind("an https address; plain http only to this machine", _streaks_url)
WEBHOOK = Kind("an https address that takes a JSON message; plain http only to this machine", _is_webhook)
