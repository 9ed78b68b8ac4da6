"""Keys and addresses that nobody may see: where they come from, and their text when it is needed.

What Dagster shows of a resource is the name of a variable. A key that was given as text, in Python, is kept
in this process alone, under a name that doesn't tell it: every process that loads the definitions has it so.
"""

from __future__ import annotations

import os
from dataclasses import dataclass

from dagster import EnvVar

from streak_dagster.api.identity import account_name

_GIVEN: dict[str, str] = {}


@dataclass(frozen=True)
class Secrets:
    """Each is the variable that has it, the text itself, or None where there is none."""

    api_key: EnvVar | str | None = None
    hash_key: EnvVar | str | None = None
    alert_webhook: EnvVar | str | None = None

    @property
    def key_name(self) -> str:
        """What a person sets the key by: a variable, or the argument of Python."""
        return self.api_key.env_var_name if isinstance(self.api_key, EnvVar) else "api_key"

    def __repr__(self) -> str:
        """Tells nothing: they may be the texts."""
        return "Secrets(…)"


OF_ENVIRONMENT = Secrets(EnvVar("STREAK_API_KEY"), EnvVar("STREAK_HASH_KEY"), EnvVar("STREAK_ALERT_WEBHOOK"))
"""Those of our own project."""


def text_of(secret: EnvVar | str | None) -> str:
    """The text, of a variable what it holds now; empty where there is none."""
    if isinstance(secret, EnvVar):
        return os.environ.get(secret.env_var_name, "").strip()
    return (secret or "").strip()


def kept(text: str) -> str:
    """Keep a text for ``given``. The name that it has there."""
    name = account_name(text)
    _GIVEN[name] = text
    return name


def given(name: str) -> str:
    """A text that was kept in this process; empty for no name. Raises KeyError for one that wasn't."""
    return _GIVEN[name] if name else ""
