"""The words by which the name of a stage is read as the end of a deal, won or lost.

Streak doesn't say which stages are ends: its help only advises a stage called Won and one called Lost. So
this is a reading of names, and no more; ``streak_meta.stage_outcomes`` says otherwise where it is wrong.
Left out are words that are as often a step on the way (signed, closed, customer, offer accepted).
"""

# ruff: noqa: RUF001 - words are written as people write them, in every alphabet

from __future__ import annotations

from typing import NamedTuple


class OutcomeWord(NamedTuple):
    """A word or phrase, without accents and capitals mattering.

    ``match``: ``word`` anywhere in the name between other words, ``part`` anywhere (for languages that write
    without spaces), ``name`` only where it is the whole name. ``language`` is a code of ISO 639-1.
    """

    language: str
    outcome: str
    match: str
    text: str


_WON = {
    "word": {
        "en": "won, hired, deal done",
        "de": "gewonnen, eingestellt",
        "fr": "gagné, gagnée, gagnés, embauché, embauchée",
        "es": "ganado, ganada, ganados, contratado, contratada",
        "pt": "ganho, ganha, ganhos",
        "it": "vinto, vinta, vinti",
        "nl": "gewonnen, aangenomen",
        "sv": "vunnen, vunnet, vunna",
        "nb": "vunnet",
        "da": "vundet",
        "fi": "voitettu",
        "pl": "wygrana, wygrany, wygrane",
        "cs": "vyhráno, vyhraný",
        "tr": "kazanıldı",
        "ru": "выиграно, выиграна, выигран",
        "uk": "виграно, виграна",
    },
    "part": {"ja": "受注, 成約", "zh": "赢单, 贏單, 成交", "ko": "수주"},
    "name": {"en": "done, completed, complete, solved, resolved, fixed", "de": "erledigt, gelöst"},
}

_LOST = {
    "word": {
        "en": "lost, not won, no deal, rejected, declined, disqualified, unqualified, not interested, "
        "abandoned, "
        "cancelled, canceled, churned, withdrawn, withdrew",
        "de": "verloren, abgelehnt, abgesagt, nicht gewonnen, kein Interesse",
        "fr": "perdu, perdue, perdus, refusé, refusée, annulé, annulée",
        "es": "perdido, perdida, perdidos, rechazado, rechazada, cancelado, descartado",
        "pt": "perdido, perdida, perdidos, recusado, cancelado",
        "it": "perso, persa, persi, rifiutato, annullato",
        "nl": "verloren, afgewezen, geannuleerd",
        "sv": "förlorad, förlorat, avslagen",
        "nb": "tapt, avslått",
        "da": "tabt, afvist",
        "fi": "hävitty, hylätty",
        "pl": "przegrana, przegrany, przegrane, odrzucone",
        "cs": "prohráno, ztraceno, zamítnuto",
        "tr": "kaybedildi, reddedildi",
        "ru": "проиграно, проиграна, проигран, отказ",
        "uk": "програно, програна, відмова",
    },
    "part": {"ja": "失注", "zh": "输单, 輸單, 丢单, 未成交", "ko": "실주"},
    "name": {"en": "dead, no, wontfix, won't fix, dropped"},
}

OUTCOME_WORDS: tuple[OutcomeWord, ...] = tuple(
    OutcomeWord(language, outcome, match, text)
    for outcome, by_match in (("won", _WON), ("lost", _LOST))
    for match, by_language in by_match.items()
    for language, texts in by_language.items()
    for text in texts.split(", ")
)
"""Every word. Where a name holds words of both, it is read as lost ("not won", "won back, then lost")."""
