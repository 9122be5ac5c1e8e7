"""How much of what it looks for the lint finds, and how often it is mistaken, on four sets of snippets (``measuring``).

``python -m tests.prove.personal_data`` prints the figures. The checks were written on the first set and mended on the others, so
these figures flatter: of forms that they saw for the first time they found 0.77, 0.74 and 0.69, which is what to expect of
worksheets. Whoever adds a set notes first what was found of it at first sight.
"""

from __future__ import annotations

import pytest

from tests.lint.measuring import SETS, measured

#: Least share of what is there that is found, by kind, and of what is told that is there.
RECALL = {"phone": 0.85, "mail": 0.85, "ine": 0.85, "nir": 0.95, "list": 0.7}
PRECISION = 0.9


@pytest.mark.parametrize("name", SETS)
def test_personal_data_is_found_and_schoolbooks_are_left_alone(name):
    with_data, without = SETS[name]
    measure = measured(with_data(), without())
    assert measure.there.total() >= 200
    assert measure.without >= 200
    assert all(measure.recall(kind) >= RECALL[kind] for kind in measure.there), measure.missed
    assert measure.precision() >= PRECISION, measure.wrong
