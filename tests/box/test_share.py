"""The square beside every page: for phones of the same network, and only for pages that there can be."""

from __future__ import annotations

import pytest

from edubox.box import sheet
from edubox.box.app import create_app
from tests.box.school import School, settings


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    return create_app(School(tmp_path_factory.mktemp("share") / "box").data, settings()).test_client()


@pytest.fixture
def drawn(monkeypatch):
    """The addresses that were drawn."""
    found = []
    monkeypatch.setattr("edubox.box.share.qr", lambda address: found.append(address) or "<svg/>")
    return found


@pytest.mark.parametrize(
    "page", ["/fr/", "/fr/lecon/ministry/test/volcans/", "/fr/lecon/ministry/test/volcans/2/"]
)
def test_the_square_holds_the_page_s_address_as_this_reader_reached_it(client, drawn, page):
    answer = client.get(f"{page}qr.svg", headers={"Host": "box.local:8080"})
    assert answer.status_code == 200
    assert answer.mimetype == "image/svg+xml"
    assert drawn == [f"http://box.local:8080{page}"]


def test_who_sits_at_the_box_itself_shares_an_address_that_others_can_reach(client, drawn, monkeypatch):
    monkeypatch.setattr(sheet, "own_addresses", lambda: ["192.168.1.20"])
    client.get("/fr/qr.svg", headers={"Host": "127.0.0.1:8080"})
    assert drawn == ["http://192.168.1.20:8080/fr/"]


@pytest.mark.parametrize(
    "page", ["", "/xx", "/fr/nulle-part", "/fr/../etc", "/fr/lecon/%3Cscript%3E/x/y", "//elsewhere.example"]
)
def test_nothing_else_is_drawn(client, drawn, page):
    assert client.get(f"{page}/qr.svg", headers={"Host": "box.local"}).status_code == 404
    assert drawn == []


def test_the_square_is_a_picture_that_cameras_read(client):
    text = client.get("/fr/qr.svg", headers={"Host": "box.local"}).get_data(as_text=True)
    assert text.startswith("<svg")
    assert 'xmlns="http://www.w3.org/2000/svg"' in text
