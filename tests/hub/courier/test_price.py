from __future__ import annotations

import pytest

from edubox.errors import BadInput
from edubox.hub.courier.price import price_of
from edubox.hub.desk.words import translations
from edubox.hub.settings import check_settings


@pytest.mark.parametrize(
    ("setting", "size", "french"),
    [
        ("1.50 EUR", 2_000_000_000, "3,00 EUR"),
        ("1.50 EUR", 1_000_000, "0,01 EUR"),
        ("0,5 €", 1_000_000_000, "0,5 €"),
        ("250 FCFA", 100_000_000, "25 FCFA"),
        ("250 FCFA", 1, "1 FCFA"),
    ],
)
def test_a_cost_is_never_told_lower_than_it_will_be(setting, size, french):
    assert price_of(setting).of(size, translations("fr")) == french


def test_a_cost_is_spelled_as_the_reader_does():
    assert price_of("1.50 EUR").of(1_000_000_000, translations("en")) == "1.50 EUR"
    assert price_of("") is None


@pytest.mark.parametrize(
    "wrong", ["1.50", "EUR", "1.505 EUR", "-1 EUR", "1 <b>", "1e9 EUR", "1 EUR\n", " 1 EUR"]
)
def test_a_price_that_is_none_is_refused_with_the_settings_name(wrong):
    with pytest.raises(BadInput, match="courier_price"):
        check_settings({"courier_price": wrong}, "hub.toml")
