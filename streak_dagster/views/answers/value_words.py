"""Names of fields that hold the value of a deal, in the languages that teams write them in.

Streak marks no field as that, so this is a reading of names, and no more; ``streak_meta.value_fields`` says
otherwise where it is wrong.
"""

from __future__ import annotations

VALUE_WORDS: tuple[tuple[str, ...], ...] = (
    # The value of a deal, and nothing else.
    (
        *("deal size", "deal value", "deal amount", "contract value", "order value", "opportunity value"),
        *("acv", "tcv", "auftragswert", "auftragsvolumen", "angebotswert", "vertragswert", "dealwert"),
        *("valeur du contrat", "montant du contrat", "valor del contrato", "valor do contrato"),
        *("valore del contratto", "ordervarde", "dealwaarde", "orderwaarde"),
    ),
    # What comes back each year or month.
    ("arr", "annual recurring revenue", "mrr", "monthly recurring revenue"),
    # A sum of money.
    (
        *("value", "amount", "revenue", "turnover", "wert", "betrag", "umsatz", "summe", "volumen"),
        *("montant", "valeur", "chiffre d affaires", "valor", "importe", "monto", "ingresos", "quantia"),
        *("montante", "receita", "importo", "valore", "fatturato", "bedrag", "waarde", "omzet", "varde"),
        *("belopp", "belob", "verdi", "vaerdi", "kwota", "wartosc", "castka", "hodnota", "tutar", "arvo"),
        *("сумма", "сума", "金额", "金額", "금액"),
    ),
    # What a deal may cost, which is often the same.
    (
        *("price", "budget", "preis", "prix", "precio", "preco", "prezzo", "prijs", "pris", "cena", "hinta"),
        *("fiyat", "presupuesto", "orcamento", "цена", "бюджет", "价格", "価格", "예산"),
    ),
)
"""Words that a field's name holds whole, without accents and capitals; those of an earlier group come first.
A text of several words is looked for as a whole."""
