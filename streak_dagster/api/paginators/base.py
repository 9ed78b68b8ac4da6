"""What every way to read a list to its end has in common: tokens out, summaries of the answers in."""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from streak_dagster.api.envelopes import Page, Record

Params = dict[str, str | int]
"""Parameters of a request."""

MAX_EMPTY = 3
"""Empty pages in a row at which a list is over, even where Streak goes on saying that there is more."""

MAX_REPEATED = 10
"""Pages in a row with only records of earlier ones at which a list is over, where rows are still missing."""


@dataclass(frozen=True)
class PageSummary:
    """What matters of a page once its records are stored: how many, Streak's word, and which.

    ``repeated`` records were sent beyond ``count``: they fill the page, but are no rows of their own.
    ``cursor`` is what Streak gave to ask for the page behind this one, None where it gave nothing.
    """

    count: int
    more: bool | None
    digest: str
    repeated: int = 0
    cursor: str | None = None

    @property
    def sent(self) -> int:
        return self.count + self.repeated

    @classmethod
    def of(cls, page: Page) -> PageSummary:
        # Whatever their order: a server that sorts by what moves sends the same page in another one.
        keys = "\n".join(sorted(_identity(record) for record in page.records))
        digest = hashlib.blake2b(keys.encode(errors="surrogatepass"), digest_size=8).hexdigest()
        return cls(len(page.records), page.more, digest, page.repeated, page.cursor)


def _identity(record: Record) -> str:
    return str(record.get("key") or record.get("boxKey") or record)


class Paginator(ABC):
    """Which pages of one list to ask for, and when it is at its end.

    A token stands for one page. It is text, so that it can be kept on disk, and only the paginator that
    named it knows what it means. Whoever reads a list does this until ``next_tokens`` names none and
    no answer is awaited::

        for token in paginator.next_tokens():     # all of these may be under way at once
            if not paginator.wants(token):        # another answer may have shown the end meanwhile
                paginator.skip(token)
                continue
            page = ask(path, paginator.params(token))
            summary = PageSummary.of(page)
            paginator.check(token, summary, subject)
            ...                                   # here the page's records are stored
            paginator.note(token, summary)
    """

    @property
    @abstractmethod
    def awaits_answers(self) -> bool:
        """Whether a token was named whose page was neither noted nor skipped."""

    @abstractmethod
    def next_tokens(self) -> Sequence[str]:
        """The pages to ask for now; none at the end, nor while an awaited answer decides how to go on."""

    @abstractmethod
    def params(self, token: str) -> Params:
        """What to send to get the page of ``token``. Ask when the token is named: answers may change it."""

    @abstractmethod
    def wants(self, token: str) -> bool:
        """Whether the page of ``token``, which ``next_tokens`` named, still has to be asked for."""

    @abstractmethod
    def check(self, token: str, summary: PageSummary, subject: str) -> None:
        """Raises UnreadableAnswerError for a page with which the list can't be read whole."""

    @abstractmethod
    def note(self, token: str, summary: PageSummary) -> None:
        """Take in the answer to ``token``."""

    @abstractmethod
    def skip(self, token: str) -> None:
        """The page of ``token`` isn't asked for, because it is no longer wanted."""

    @abstractmethod
    def give_up(self) -> None:
        """Ask for nothing more: a page couldn't be read."""

    def resume(self, known: Mapping[str, list[PageSummary]]) -> list[str]:
        """The pages to ask for now, when some were answered before; none when the list is whole.

        ``known`` are the summaries of each token's answers, oldest first: a doubtful page was asked
        for again. Those that are taken in leave their list.
        """
        while tokens := self.next_tokens():
            missing = [token for token in tokens if not known.get(token)]
            for token in tokens:
                if token not in missing:
                    self.note(token, known[token].pop(0))
            if missing:
                return missing
        return []
