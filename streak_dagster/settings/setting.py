"""What is said of one setting, where it is declared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, get_type_hints

if TYPE_CHECKING:
    from collections.abc import Mapping

    from streak_dagster.settings.kinds import Kind


@dataclass(frozen=True)
class Setting:
    """One variable of the environment.

    ``default`` is what holds where the variable says nothing, written as in the environment; None where that
    depends on the other settings. ``meaning`` is one sentence of Markdown, for the README, ``.env.example``
    and Dagster's UI; ``more`` goes on in the README only. ``default_told`` is what the README says in place
    of a default that isn't simply a value, and ``example`` what ``.env.example`` shows in its place.
    ``resource`` names the Dagster resource that has the setting as a field, under the name that it has in
    ``Settings``. ``is_for_account`` marks what only somebody sets who has an account.
    """

    variable: str
    kind: Kind[Any]
    default: str | None
    meaning: str
    more: str = ""
    default_told: str = ""
    example: str = ""
    resource: str | None = None
    is_for_account: bool = False

    def read(self, given: Mapping[str, str]) -> Any:
        """The value of the variable in ``given``, where what is empty says nothing.

        Raises SettingsError, which names the variable and what it may be.
        """
        return self.kind.read(self.variable, given.get(self.variable) or self.default or "")

    @property
    def plain_meaning(self) -> str:
        """The meaning without Markdown."""
        return self.meaning.replace("`", "")

    @property
    def shown(self) -> str:
        """A value to begin with: the example, or the default where that does."""
        return self.example or self.default or ""


def declared_in(settings: type) -> dict[str, Setting]:
    """The settings of a class by the names of its fields, each of which has one in its ``Annotated`` type."""
    hints = get_type_hints(settings, include_extras=True)
    return {
        name: metadata
        for name, hint in hints.items()
        for metadata in getattr(hint, "__metadata__", ())
        if isinstance(metadata, Setting)
    }
