"""Recalls from the desk: with a reason that the teacher reads, signed by the ministry alone, and each academy its own."""

from __future__ import annotations

import pytest

from edubox.hub.review import arrivals, recall
from tests.hub.conftest import PASSPHRASE
from tests.hub.desk import world
from tests.hub.desk.client import entered

PLACE = "/bureau/relecture/1/rappeler/"


@pytest.fixture
def officer(app, hub, engine, monkeypatch, tmp_path):
    for name, value in engine.environment.items():
        monkeypatch.setenv(name, value)
    world.offer(hub, app, world.school(hub, tmp_path))
    return entered(app, hub, "marie", "officer", "ac-test")


def listed(hub):
    with hub.database.read() as connection:
        return recall.listed(connection)


def test_a_lesson_is_recalled_with_a_reason_that_its_teacher_reads(hub, officer):
    assert "film.mp4" in officer.get(PLACE).text
    assert officer.send(PLACE, {"what": "whole", "reason": " "}).status_code == 400
    assert officer.send(PLACE, {"what": "files", "reason": "x"}).status_code == 400
    assert officer.send(PLACE, {"what": "whole", "reason": "Le nom d’un élève y est."}).status_code == 303
    (one,) = listed(hub)
    assert (one.authority, one.state, one.reason) == ("ac-test", recall.WAITING, "Le nom d’un élève y est.")
    with hub.database.read() as connection:
        box = arrivals.get(connection, 1).box
        [told] = arrivals.told(connection, box)
    assert told["comments"] == ["Le nom d’un élève y est."]
    page = officer.get("/bureau/rappels/").text
    assert "Le nom d’un élève y est." in page
    assert 'name="passphrase"' not in page, "the ministry signs"
    assert "Le nom d’un élève y est." in officer.get("/bureau/rappels.csv").text


def test_files_alone_can_be_recalled(hub, officer):
    import re

    digest = re.search(r'name="file" value="([0-9a-f]{64})"> <code>film.mp4', officer.get(PLACE).text)[1]
    assert (
        officer.send(PLACE, {"what": "files", "file": [digest], "reason": "image volée"}).status_code == 303
    )
    (one,) = listed(hub)
    assert (one.manifest, one.objects) == ("", (digest,))
    assert officer.send(PLACE, {"what": "files", "file": ["../etc/passwd"], "reason": "x"}).status_code == 400


def test_the_ministry_signs_in_the_browser_and_every_box_reads_the_list(app, hub, officer):
    officer.send(PLACE, {"what": "whole", "reason": "x"})
    assert officer.send("/bureau/rappels/signer/", {"passphrase": PASSPHRASE}).status_code == 403
    ministry = entered(app, hub, "anne", "ministry")
    assert ministry.send("/bureau/rappels/signer/", {"passphrase": "wrong"}).status_code == 403
    assert listed(hub)[0].state == recall.WAITING
    assert ministry.send("/bureau/rappels/signer/", {"passphrase": PASSPHRASE}).status_code == 303
    (one,) = listed(hub)
    assert one.state == recall.DONE
    assert one.manifest in recall.signed(hub).manifests


def test_an_academy_recalls_nothing_of_another(app, hub, officer):
    stranger = entered(app, hub, "paul", "officer", "ac-sud")
    assert stranger.get(PLACE).status_code == 403
    assert stranger.send(PLACE, {"what": "whole", "reason": "x"}).status_code == 403
    assert (
        stranger.send("/bureau/rappels/", {"lesson": "ac-test/choix/la-lune", "reason": "x"}).status_code
        == 403
    )
    officer.send(PLACE, {"what": "whole", "reason": "Automne"})
    assert "Automne" not in stranger.get("/bureau/rappels/").text
    assert "Automne" not in stranger.get("/bureau/rappels.csv").text
    reader = entered(app, hub, "rene", "reader", "ac-test")
    assert "Automne" in reader.get("/bureau/rappels/").text
    assert reader.send(PLACE, {"what": "whole", "reason": "x"}).status_code == 403


def test_an_address_where_nothing_is_says_so(hub, officer):
    for address in ("ac-test/choix/nix", "ac-test/../x", "ac-test"):
        assert officer.send("/bureau/rappels/", {"lesson": address, "reason": "x"}).status_code == 404
    assert listed(hub) == []
