"""A school goes over to another academy: asked by its own, signed by both, called off while nobody has; a new card for a dead one."""

from __future__ import annotations

import re

import pytest

from edubox.hub.enrol import deciding, moves, signing
from tests.hub.conftest import PASSPHRASE
from tests.hub.desk.client import entered
from tests.hub.enrol.conftest import *  # noqa: F403 - a country with two academies
from tests.hub.enrol.world import Asker, give_codes, sign_all

OLD, NEW = "ac-test/college-moulin", "ac-sud/college-moulin"


@pytest.fixture
def north(app, hub):
    """An officer of the academy where a school is enrolled and signed."""
    box = Asker()
    box.ask(hub, give_codes(hub))
    deciding.accept(hub, [1], "m")
    sign_all(hub, "ac-test")
    return entered(app, hub, "marie", "officer", "ac-test")


@pytest.fixture
def south(app, hub):
    return entered(app, hub, "paul", "officer", "ac-sud")


def ask(visitor, academy="ac-sud", name=""):
    return visitor.send("/bureau/mouvements/", {"school": OLD, "academy": academy, "name": name})


def state(hub):
    with hub.database.read() as connection:
        return [one.state for one in moves.listed(connection)[1]]


def test_both_academies_see_who_asked_who_must_sign_and_who_has(hub, north, south):
    assert ask(north).status_code == 303
    for visitor in (north, south):
        page = visitor.get("/bureau/mouvements/").text
        assert NEW in page
        assert "marie" in page
    assert state(hub) == [moves.ASKED]
    sign_all(hub, "ac-sud")
    assert state(hub) == [moves.TAKEN]
    sign_all(hub, "ac-test")
    assert state(hub) == [moves.DONE]
    assert north.get("/bureau/mouvements/").status_code == 200


def test_the_academy_that_is_to_take_it_may_call_it_off_until_it_signed(hub, north, south):
    ask(north)
    assert south.send("/bureau/mouvements/annuler/", {"school": NEW}).status_code == 303
    assert state(hub) == [moves.OFF]
    assert signing.waiting(hub) == []
    assert north.get(f"/bureau/ecoles/{OLD}/").status_code == 200, "it stays where it was"
    assert ask(north).status_code == 303, "and may be asked again"
    sign_all(hub, "ac-sud")
    assert north.send("/bureau/mouvements/annuler/", {"school": NEW}).status_code in {403, 409}
    assert state(hub)[0] == moves.TAKEN


def test_nobody_moves_another_academy_s_school(app, hub, north, south):
    assert ask(south).status_code == 403
    reader = entered(app, hub, "rene", "reader", "ac-test")
    assert ask(reader).status_code == 403
    west = entered(app, hub, "ida", "officer", "ac-ouest")
    ask(north)
    assert NEW not in west.get("/bureau/mouvements/").text
    assert west.send("/bureau/mouvements/annuler/", {"school": NEW}).status_code == 403
    assert state(hub) == [moves.ASKED]


def test_a_name_that_is_taken_or_none_is_refused_in_words(hub, north):
    for academy, name in (("ac-nobody", ""), ("ac-sud", "Autre Nom"), ("ac-test", "")):
        assert ask(north, academy, name).status_code in {400, 409}
    assert state(hub) == []


def test_a_school_with_a_dead_card_gets_a_code_and_its_new_box_takes_the_place(hub, north):
    page = north.send(f"/bureau/ecoles/{OLD}/carte/").text
    [groups] = re.findall(r'<p class="groups">(.*?)</p>', page, re.DOTALL)
    code = "-".join(re.findall(r"<span>(\w+)</span>", groups))
    new = Asker("Collège Moulin", "college-moulin")
    assert new.ask(hub, code).state == "asked"
    [asked] = deciding.waiting(hub)
    page = north.get(f"/bureau/inscriptions/{asked.row}/").text
    assert 'name="replace" value="yes"' in page
    assert (
        north.send("/bureau/inscriptions/accepter/", {"row": str(asked.row), "replace": "yes"}).status_code
        == 303
    )
    (line,) = signing.waiting(hub)
    assert (line.what, line.record.id, line.record.epoch) == ("replace", OLD, 2)
    assert PASSPHRASE


def test_a_stranger_makes_no_code_for_a_school(app, hub, north, south):
    del north
    assert south.send(f"/bureau/ecoles/{OLD}/carte/").status_code == 403
    reader = entered(app, hub, "rene", "reader", "ac-test")
    assert reader.send(f"/bureau/ecoles/{OLD}/carte/").status_code == 403
