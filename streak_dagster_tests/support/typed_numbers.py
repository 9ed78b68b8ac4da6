"""The rules of ``warehouse.typed_numbers`` once more, told one after the other in plain Python."""

from __future__ import annotations

import math
import re
import unicodedata

from streak_dagster.warehouse.typed_numbers import CODES

_WORDS = (
    "eur usd gbp chf sek nok dkk pln czk huf euro euros dollar dollars fr. sfr. kr kr. zł kč lei rs rs. tl"
)
_DOLLARS = ("US$", "AU$", "CA$", "NZ$", "HK$", "SG$", "A$", "C$", "R$", "S$")
_TIMES = {"tsd": 3, "k": 3, "mio": 6, "mln": 6, "mn": 6, "mm": 6, "m": 6, "bn": 9, "mrd": 9}
_SPACES = "\t\n\r\xa0\u1680\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))
_APOSTROPHES = "\u2019\u2018\xb4`\u02bc\u2032"
_UNSEEN = "\u200b\u200e\u200f\u202a\u202b\u202c\u2060\ufeff"


def read_number(text: str) -> float | None:  # noqa: PLR0911 - a rule a line
    """The number that a text is, or None where it is none, or has more readings than one."""
    if len(text) > 60:
        return None
    text = "".join(map(_plain_sign, text)).strip(" ")
    text = _without_doubt(text)
    percent = text.endswith("%")
    text = text.removesuffix("%").rstrip(" ") if percent else text
    sign, text = _sign(text)
    text, before = _currency_first(text)
    if before:
        second, text = _sign(text)
        if sign and second:
            return None
        sign = sign or second
    found = re.match(r"(?:[0-9](?:[ ,.']?[0-9])*|[.,][0-9]+)", text)
    if found is None:
        return None
    number, rest = found[0], text[found.end() :]
    exponent = re.match(r"[eE][-+]?[0-9]{1,3}", rest)
    if exponent:
        number, rest = number + exponent[0], rest[exponent.end() :]
    dash = re.match(r"[.,]--?", rest)
    rest = rest[dash.end() :] if dash else rest
    for times, after in _endings(rest.lstrip(" "))[:1]:
        money = before or after or dash is not None
        if (before and after) or (percent and (times or money)) or (dash and times):
            return None
        if times == "m" and not money:
            return None
        return _value(sign, number, times, money=money, dash=dash is not None, percent=percent)
    return None


def _plain_sign(sign: str) -> str:
    if sign in _SPACES:
        return " "
    if sign in _APOSTROPHES:
        return "'"
    return "" if sign in _UNSEEN else "-" if sign == "\u2212" else sign


def _without_doubt(text: str) -> str:
    head = re.match(r"(~|≈|(?:ca\.?|approx\.?|about) ) *", text, re.IGNORECASE)
    text = text[head.end() :] if head else text
    while True:
        shorter = text.removesuffix("(?)").rstrip("?~ ")
        if shorter == text:
            return text
        text = shorter


def _sign(text: str) -> tuple[str, str]:
    return (text[0], text[1:]) if text[:1] in ("-", "+") else ("", text)


def _is_currency(text: str) -> bool:
    sign = len(text) == 1 and unicodedata.category(text) == "Sc"
    return sign or text in _DOLLARS or text in CODES or text.lower() in _WORDS.split()


def _currency_first(text: str) -> tuple[str, bool]:
    for length in range(min(len(text), 8), 0, -1):
        if _is_currency(text[:length]):
            return text[length:].lstrip(" "), True
    return text, False


def _endings(rest: str) -> list[tuple[str, bool]]:
    """How what follows the number is a multiplier and a currency, if it is."""
    ways = []
    for cut in range(len(rest) + 1):
        times, after = rest[:cut].rstrip(" "), rest[cut:]
        word = times.rstrip(".") if times.lower() in ("tsd.", "mio.", "mln.", "mrd.") else times
        exact = word in ("k", "K", "MM", "M", "m") or word.lower() in ("tsd", "mio", "mln", "mrd", "mn", "bn")
        if (not word or exact) and (not after or _is_currency(after)):
            ways.append(("mm" if word == "M" else word, bool(after)))
    return ways


def _value(sign: str, number: str, times: str, *, money: bool, dash: bool, percent: bool) -> float | None:
    digits = _digits(number, plus=sign == "+", money=money, scaled=bool(times or percent), dash=dash)
    if digits is None or len(re.split(r"[.eE]", digits)[0]) > 15:
        return None
    power = _TIMES[times.lower()] if times else 0
    if power:
        digits += f"e{power}"
    value = float(f"{sign.replace('+', '')}{digits}")
    return value if math.isfinite(value) else None


def _digits(  # noqa: C901, PLR0911 - a rule a line
    number: str, *, plus: bool, money: bool, scaled: bool, dash: bool
) -> str | None:
    """The number as JSON has it."""
    if re.search("[eE]", number):
        mantissa = re.split("[eE]", number)[0]
        fits = re.fullmatch(r"(0|[1-9][0-9]*)?(\.[0-9]+)?", mantissa)
        return number if fits and not money and not scaled else None
    separators = re.findall(r"[^0-9]", number)
    head, *groups = re.split(r"[^0-9]", number)
    if head.startswith("0") and head != "0":
        return None
    if not separators:
        return None if plus and len(number) > 7 else number
    threes = [len(each) == 3 for each in groups]
    may_group = 1 <= len(head) <= 3 and head != "0"
    if len(separators) == 1 and separators[0] in ",." and not (may_group and threes[0]):
        return None if dash else f"{head}.{groups[0]}"
    if len(separators) == 1 and separators[0] in ",.":
        thousands = not scaled and (separators[0] == "," or money)
        return head + groups[0] if thousands else None
    if not may_group:
        return None
    mark, last = separators[0], separators[-1]
    decimal = last != mark
    grouping = separators[:-1] if decimal else separators
    if set(grouping) != {mark} or (decimal and (last not in ",." or dash)):
        return None
    if mark in " '" and plus:
        return None
    wholes = groups[:-1] if decimal else groups
    decimals = f".{groups[-1]}" if decimal else ""
    if all(len(each) == 3 for each in wholes):
        return head + "".join(wholes) + decimals
    indian = mark == "," and len(head) <= 2 and len(wholes) > 1 and len(wholes[-1]) == 3 and not dash
    if indian and all(len(each) == 2 for each in wholes[:-1]):
        return head + "".join(wholes) + decimals
    return None
