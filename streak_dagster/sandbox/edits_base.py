"""What all edits need: the clock, new keys, and the reading half of the workspace."""

from __future__ import annotations

from abc import ABC, abstractmethod
from threading import RLock

from .keys import make_key
from .moves import Moves
from .overlay import Overlay
from .source import Source
from .types import Json


class EditBase(ABC):
    """The base of the families of edits, which `Workspace` puts together. Unknown keys raise `KeyError`."""

    now: int
    moves: Moves
    _overlay: Overlay
    _source: Source
    _lock: RLock
    _touch: bool

    @abstractmethod
    def users(self) -> list[Json]:
        """All users; the first one makes the edits unless another is named."""

    @abstractmethod
    def user(self, key: str) -> Json:
        """One user."""

    @abstractmethod
    def box(self, key: str) -> Json:
        """One box with everything that is derived."""

    @abstractmethod
    def child(self, kind: str, key: str) -> Json:
        """One child by its own key."""

    @abstractmethod
    def _pipeline(self, key: str) -> Json: ...

    @abstractmethod
    def _own_box(self, key: str) -> Json: ...

    def _tick(self) -> int:
        self.now += 1000
        self._overlay.revision += 1
        return self.now

    def _who(self, user_key: str | None) -> Json:
        return self.users()[0] if user_key is None else self.user(user_key)

    def _peek_key(self, kind: str) -> str:
        return make_key(kind, "edit", self._overlay.revision)

    def _new_key(self, kind: str) -> str:
        """Unique, because each edit makes at most one object of a kind."""
        return self._peek_key(kind)
