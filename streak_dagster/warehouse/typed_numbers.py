"""Text that people type as a number, read without guessing: one DuckDB expression, for a query or a macro.

Streak has no field for numbers, so teams type them into text fields: ``7,200?``, ``€ 48.600,00``, ``3k``.
What has one reading is read; where two people could disagree the result is NULL, and the text stays.

=============================================================== ================================ =============
typed                                                           read as                          because
=============================================================== ================================ =============
``48600``, ``-5``, ``+7``, ``.5``, ``0,5``, ``1.50``, ``1e5``   48600, -5, 7, 0.5, 0.5, 1.5, 1e5 plain
``1,234,567.8``, ``1.234.567,8``, ``1 234 567,8``, ``1'234.5``  as a person reads it             groups of 3
``12,34,567``                                                   1234567                          Indian groups
``7,200``                                                       7200                             see below
``1.234``                                                       NULL; ``€ 1.234`` is 1234        see below
``€ 500``, ``USD 500``, ``500 kr``, ``-$5``, ``500,-``          500, 500, 500, -5, 500           currency
``3k``, ``2.5M``, ``1,5 Mio. €``, ``3 bn``, ``€2m``             3e3, 2.5e6, 1.5e6, 3e9, 2e6      multiplier
``12 %``                                                        12                               percent
``~500``, ``ca. 500``, ``500?``, ``500 (?)``, ``500~``          500                              a doubt
``007``, ``030 123 456``, ``+49 30 1234567``                    NULL                             zip, phone
``10-20``, ``2024-01-31``, ``1.2.3``, ``12:30``, ``5 rooms``    NULL                             no number
``(500)``, ``5.``, ``500-``, ``- 500``, ``5m``, ``3b``          NULL                             two readings
``inf``, ``nan``, ``1e999``, 16 digits before the dot and more  NULL                             inexact
=============================================================== ================================ =============

One separator before exactly three digits, with one to three digits before it of which the first isn't 0, is
the hard case. A comma there parts thousands: nobody types three decimals after a comma by hand. A dot parts
thousands only beside a currency, because money has two decimals; alone, ``1.234`` is 1234 to a German
and 1.234 to an American. Beside a multiplier or a percent sign both are NULL.

Spaces of every kind (no-break, narrow, thin) count as a space, the typographic minus and apostrophes as the
plain ones. Currencies are any sign of Unicode, the codes of ``CODES`` in capitals, and a few usual words.
"""

from __future__ import annotations

from streak_dagster.warehouse.ddl import literal

_LONGEST = 60
"""Characters; a longer text is prose."""
_SPACES = (
    "\t\n\r\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
)
_APOSTROPHES = "\u2019\u2018\u00b4`\u02bc\u2032"
_UNSEEN = "\u200b\u200e\u200f\u202a\u202b\u202c\u2060\ufeff"
"""Marks without width, which come along when text is copied."""
_TAKEN_AS = " " * len(_SPACES) + "'" * len(_APOSTROPHES) + "-"

# In capitals alone, and without those that are words or abbreviations in capitals (ALL, TOP, TRY, PHP).
_CODES = (
    "AED ARS AUD BAM BDT BGN BHD BRL CAD CHF CLP CNY COP CRC CZK DKK DOP DZD EGP EUR GBP GEL GHS GTQ "
    "HKD HRK HUF IDR ILS INR ISK JOD JPY KES KRW KWD KZT LBP LKR MAD MUR MXN MYR NGN NOK NZD OMR PEN "
    "PKR PLN QAR RON RSD RUB SAR SEK SGD THB TND TWD TZS UAH UGX USD UYU VND XAF XOF ZAR "
)
CODES = frozenset(_CODES.split())
"""Currencies that are read by their code, in capitals."""
_CURRENCY = (
    r"(?:(?:US|AU|CA|NZ|HK|SG|A|C|R|S)?\$|\p{Sc}|"
    + "|".join(sorted(CODES))
    + r"|(?i:eur|usd|gbp|chf|sek|nok|dkk|pln|czk|huf|euros?|dollars?|s?fr\.|kr\.?|zł|kč|lei|rs\.?|tl))"
)
_NUMBER = r"(?:[0-9](?:[0-9]|[ ,.'][0-9])*|[.,][0-9]+)(?:[eE][-+]?[0-9]{1,3})?"
_TIMES = {"tsd": "3", "k": "3", "mio": "6", "mln": "6", "mn": "6", "mm": "6", "m": "6", "bn": "9", "mrd": "9"}
_PARTS = (
    r"^ *(?:~|≈|(?i:ca\.?|approx\.?|about) )? *"
    rf"([-+]?)({_CURRENCY} *)?([-+]?)({_NUMBER})([.,]--?)? *"
    rf"(?:((?i:tsd|mio|mln|mrd)\.?|[kK]|(?i:mn|bn)|MM|M|m)? *)({_CURRENCY})? *(%)?"
    r"(?: *(?:[?~]|\(\?\)))* *$"
)
_NAMES = ("sign", "before", "signed", "number", "dash", "times", "after", "percent")

_GROUPED = "[1-9][0-9]{0,2}"
_SHAPES = {
    # A shape of digits, and what of it is written as a plain number; the first that fits is taken.
    "whole": r"0|[1-9][0-9]*",
    "comma_thousands": rf"{_GROUPED},[0-9]{{3}}",
    "dot_thousands": rf"{_GROUPED}\.[0-9]{{3}}",
    "exponent": r"(?:0|[1-9][0-9]*)?(?:\.[0-9]+)?[eE][-+]?[0-9]{1,3}",
    "decimal": r"(?:0|[1-9][0-9]*)?[.,][0-9]+",
    "by_comma": rf"{_GROUPED}(?:(?:,[0-9]{{3}})+\.[0-9]+|(?:,[0-9]{{3}}){{2,}})",
    "by_dot": rf"{_GROUPED}(?:(?:\.[0-9]{{3}})+,[0-9]+|(?:\.[0-9]{{3}}){{2,}})",
    "by_space": rf"{_GROUPED}(?:(?: [0-9]{{3}})+|(?:'[0-9]{{3}})+)(?:[.,][0-9]+)?",
    "indian": r"[1-9][0-9]?(?:,[0-9]{2})+,[0-9]{3}(?:\.[0-9]+)?",
}


def as_number_sql(expression: str) -> str:
    """DuckDB SQL (1.4 to 2.x) that reads a text as a DOUBLE; NULL where it would be guessing.

    ``expression`` may be a column or a macro's parameter. Nothing that it holds makes it fail. It is one
    scalar expression without a subquery, so it may stand wherever a column may, in parallel scans too.
    """
    seen = literal(_SPACES + _APOSTROPHES + "\u2212" + _UNSEEN)
    parts = f"regexp_extract(translate(t, {seen}, {literal(_TAKEN_AS)}), {literal(_PARTS)}, {list(_NAMES)})"
    number = f"list_transform([{parts}], lambda p: {_plain('p')})[1]"
    # Most numbers are plain, and what has no digit or is prose is none: neither meets the long pattern.
    worth = (
        f"CASE WHEN regexp_full_match(t, '-?(?:0|[1-9][0-9]{{0,14}})') THEN TRY_CAST(t AS DOUBLE) "
        f"WHEN length(t) <= {_LONGEST} AND regexp_matches(t, '[0-9]') THEN {number} END"
    )
    return f"list_transform([({expression})::VARCHAR], lambda t: {worth})[1]"


def _plain(p: str) -> str:
    """The number that the parts ``p`` make: sign, digits and exponent, written as JSON has it, and cast."""
    number = f"{p}.number"

    def fits(*shapes: str) -> str:
        pattern = "|".join(_SHAPES[shape] for shape in shapes)
        return f"regexp_full_match({number}, {literal(pattern)})"

    money = f"({p}.before <> '' OR {p}.after <> '' OR {p}.dash <> '')"
    scaled = f"({p}.times <> '' OR {p}.percent <> '')"
    written = f"""CASE
        WHEN {p}.number = '' OR ({p}.sign <> '' AND {p}.signed <> '') THEN NULL
        WHEN {p}.before <> '' AND {p}.after <> '' THEN NULL
        WHEN {p}.percent <> '' AND ({p}.times <> '' OR {money}) THEN NULL
        WHEN {p}.times = 'm' AND NOT {money} THEN NULL
        WHEN {p}.dash <> '' AND {p}.times <> '' THEN NULL
        WHEN {fits("whole")} THEN CASE
            WHEN {p}.sign || {p}.signed <> '+' OR length({number}) <= 7 THEN {number} END
        WHEN {fits("comma_thousands")} THEN CASE WHEN NOT {scaled} THEN replace({number}, ',', '') END
        WHEN {fits("dot_thousands")} THEN CASE
            WHEN {money} AND NOT {scaled} THEN replace({number}, '.', '') END
        WHEN {fits("by_comma")} THEN CASE
            WHEN {p}.dash = '' OR NOT contains({number}, '.') THEN replace({number}, ',', '') END
        WHEN {fits("by_dot")} THEN CASE
            WHEN {p}.dash = '' OR NOT contains({number}, ',')
            THEN replace(replace({number}, '.', ''), ',', '.') END
        WHEN {fits("by_space")} THEN CASE
            WHEN {p}.sign || {p}.signed <> '+' AND ({p}.dash = '' OR NOT regexp_matches({number}, '[.,]'))
            THEN replace(replace(replace({number}, ' ', ''), '''', ''), ',', '.') END
        WHEN {p}.dash <> '' THEN NULL
        WHEN {fits("indian")} THEN replace({number}, ',', '')
        WHEN {fits("decimal")} THEN replace({number}, ',', '.')
        WHEN {fits("exponent")} THEN CASE WHEN NOT {money} AND NOT {scaled} THEN {number} END
    END"""
    exponents = " ".join(f"WHEN {literal(word)} THEN 'e{power}'" for word, power in _TIMES.items())
    sign = f"replace({p}.sign || {p}.signed, '+', '')"
    scale = f"CASE rtrim(lower({p}.times), '.') {exponents} ELSE '' END"
    cast = f"TRY_CAST({sign} || w || {scale} AS DOUBLE)"
    whole = "regexp_full_match(w, '[0-9]{0,15}(?:[.eE].*)?')"
    finite = f"CASE WHEN {whole} AND isfinite({cast}) THEN {cast} END"
    return f"list_transform([{written}], lambda w: {finite})[1]"
