"""The language of a document that does not say it."""

from __future__ import annotations

import pytest

from edubox.importers.tongue import tongue_of

TEXTS = {
    "fr": "La dichotomie est une méthode pour trouver une valeur dans un tableau trié : les éléments sont comparés avec le milieu, et la recherche se fait sur la moitié qui reste. ",
    "en": "The method of bisection is used to find a value in a sorted list: it is compared with the middle, and that half of the list which is left is searched. ",
    "es": "La búsqueda es una manera de encontrar el valor en los datos: se compara con el centro, y las partes que no son útiles se dejan por el camino. ",
    "pt": "A pesquisa é uma forma de encontrar o valor em os dados: compara-se com o meio, e as partes que não são úteis ficam para trás por um momento. ",
    "ar": "البحث الثنائي طريقة لإيجاد قيمة في قائمة مرتبة",
}


@pytest.mark.parametrize("language", TEXTS)
def test_it_is_found_in_the_text(language):
    assert tongue_of(TEXTS[language] * 3) == language


@pytest.mark.parametrize("text", ["", "x = 3; y = 4", "le the", "1 2 3 " * 500])
def test_too_little_text_says_nothing(text):
    assert tongue_of(text) == ""
