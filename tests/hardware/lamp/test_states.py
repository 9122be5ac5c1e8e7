"""What the light says in each case: what is under way comes before what is wrong."""

from __future__ import annotations

import pytest

from edubox.hardware.card.state import APPLIED, DEFAULTS, UNKNOWN
from edubox.hardware.lamp.codes import STARTING, TROUBLE, WAIT, WELL
from edubox.hardware.lamp.states import PATIENCE, PREPARES, WRITES, Facts, state_of

LONG = PATIENCE + 1


@pytest.mark.parametrize(
    ("facts", "state"),
    [
        (Facts({PREPARES}, UNKNOWN, False, 20), WAIT),
        (Facts({PREPARES}, UNKNOWN, False, LONG), WAIT),
        (Facts({PREPARES}, APPLIED, False, 20), STARTING),
        (Facts((), UNKNOWN, False, 20), STARTING),
        (Facts((), APPLIED, False, 60), STARTING),
        (Facts((), APPLIED, False, LONG), TROUBLE),
        (Facts((), APPLIED, True, 70), WELL),
        (Facts((), UNKNOWN, True, 70), WELL),
        (Facts((), DEFAULTS, True, LONG), WELL),
        (Facts((), APPLIED, True, LONG, ill=True), TROUBLE),
        (Facts({WRITES}, APPLIED, True, LONG), WAIT),
        (Facts({WRITES}, APPLIED, True, LONG, ill=True), WAIT),
        (Facts((), APPLIED, False, 60, ill=True), STARTING),
    ],
)
def test_a_state_follows_from_what_is_known(facts, state):
    assert state_of(facts) == state
