"""What a gigabyte costs on a phone, as the setting ``courier_price`` says it: ``1.50 EUR``, ``250 FCFA``, ``0,5 €``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import ROUND_UP, Decimal
from gettext import NullTranslations

_PRICE = re.compile(r"([0-9]{1,9})(?:([.,])([0-9]{1,2}))? ([^\W\d_]{1,12}|[$€£¥])\Z")
_GIGABYTE = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Price:
    """So much of a *currency* for a gigabyte, with as many *digits* behind the point as whoever wrote it uses."""

    said: str
    amount: Decimal
    digits: int
    currency: str

    def of(self, size: int, words: NullTranslations) -> str:
        """What *size* bytes cost, never less than it will be, in the reader's spelling: ``0,12 €``."""
        step = Decimal(1).scaleb(-self.digits)
        cost = (self.amount * size / _GIGABYTE).quantize(step, ROUND_UP)
        point = "."  # as the pages for everybody say it, in their own catalogue
        return f"{cost}".replace(point, words.gettext(point)) + f" {self.currency}"


def price_of(setting: str) -> Price | None:
    """The price that *setting* tells; None for an empty one. Raises ValueError."""
    if not setting:
        return None
    found = _PRICE.match(setting)
    if found is None:
        raise ValueError("a price is a number and a currency, such as 1.50 EUR")
    whole, _, fraction, currency = found.groups()
    return Price(setting, Decimal(f"{whole}.{fraction or 0}"), len(fraction or ""), currency)
