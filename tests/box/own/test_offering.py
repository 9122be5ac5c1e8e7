"""What a teacher offers leaves the box by itself: signed, at the pace, and never while pupils read."""

from __future__ import annotations

import zipfile

import pytest

from edubox.box.own.offering import offer_if_any, send, write_courier
from edubox.errors import BadInput, NotFound, OtherMachine
from edubox.settings import load_settings
from edubox.sync import offers
from edubox.sync.enrolment import ACCEPTED, Enrolment, write_enrolment
from edubox.sync.pacing.orders import Orders
from edubox.sync.pacing.pace import Pace
from edubox.sync.pacing.paced import Pacer
from edubox.sync.pacing.usage import UsageFile
from edubox.trust.clock import Floor
from tests.box.own.school import COMPUTER
from tests.serving import serving


class Deaf:
    """A hub that says nothing of use, and counts."""

    def __init__(self):
        self.asked = []

    def __call__(self, environ, start):
        self.asked.append((environ["REQUEST_METHOD"], environ["PATH_INFO"]))
        start("404 Not Found", [("Content-Type", "text/plain")])
        return [b"nothing"]


@pytest.fixture
def offered(school):
    school.publish("lune", "La lune")
    own = school.own()
    offers.offer(school.box, "lune", 1, own.id, int(school.now.timestamp()))
    write_enrolment(school.box, Enrolment(ACCEPTED, "ac-test/college"))
    return school


def go(school, address, orders=None, pace=None):
    settings = load_settings(school.box / "box.toml") | {"hub": address}
    pacer = Pacer(pace or Pace(), UsageFile(school.box, Floor()), orders or Orders())
    return offer_if_any(school.box, settings, pacer, orders or Orders(), machine=COMPUTER, system=school.now)


def test_an_offer_goes_with_an_ordinary_synchronisation_and_a_deaf_hub_disturbs_nothing(offered):
    hub = Deaf()
    with serving(hub) as address:
        go(offered, address)
    assert hub.asked[0] == ("POST", "/api/1/pushes")
    assert offers.of_slug(offered.box, "lune").state == "waiting"


def test_while_pupils_read_nobody_is_asked(offered):
    hub, orders = Deaf(), Orders()
    orders.hear("reading")
    with serving(hub) as address:
        assert go(offered, address, orders) is None
    assert hub.asked == []


def test_a_used_up_line_carries_no_offer(offered):
    hub = Deaf()
    usage = UsageFile(offered.box, Floor())
    usage.add("hub", 5_000_000)
    usage.write()
    with serving(hub) as address:
        assert go(offered, address, pace=Pace(day=1_000_000)) is None
    assert hub.asked == []


def test_a_box_that_was_not_taken_in_offers_nothing(offered):
    write_enrolment(offered.box, Enrolment("asked"))
    hub = Deaf()
    with serving(hub) as address:
        assert go(offered, address) is None
    assert hub.asked == []


def test_without_an_offer_nobody_is_asked(school):
    school.publish("lune", "La lune")
    write_enrolment(school.box, Enrolment(ACCEPTED, "ac-test/college"))
    hub = Deaf()
    with serving(hub) as address:
        assert go(school, address) is None
    assert hub.asked == []


def test_the_hub_hears_that_an_offer_was_taken_back_as_a_courier_may_have_brought_it(offered):
    offers.take_back(offered.box, "lune")
    hub = Deaf()
    with serving(hub) as address:
        go(offered, address)
    assert hub.asked == [("DELETE", "/api/1/offers/lune")]


def test_a_copied_card_offers_nothing(offered):
    settings = load_settings(offered.box / "box.toml") | {"hub": "http://127.0.0.1:9/"}
    with pytest.raises(OtherMachine):
        send(offered.box, settings, machine="another computer", system=offered.now)


def test_a_box_that_knows_no_hub_says_what_to_do(offered):
    with pytest.raises(BadInput, match="--to FOLDER"):
        send(offered.box, load_settings(offered.box / "box.toml"), machine=COMPUTER, system=offered.now)


def test_a_courier_carries_what_is_offered_and_nothing_for_teachers_only(offered):
    settings = load_settings(offered.box / "box.toml")
    offered.publish("autre", "Pas offerte")
    parts, chosen = write_courier(
        offered.box, settings, offered.folder / "stick", machine=COMPUTER, system=offered.now
    )
    assert [one.lesson for one in chosen] == [f"{offered.own().id}/lune"]
    names = [one.filename for one in zipfile.ZipFile(parts[0]).infolist()]
    assert names[0] == "offers/lune.json"
    assert not [name for name in names if name.startswith(("staff", "publishers", "offers/autre"))]
    offers.take_back(offered.box, "lune")
    with pytest.raises(NotFound):
        write_courier(offered.box, settings, offered.folder / "stick", machine=COMPUTER, system=offered.now)
