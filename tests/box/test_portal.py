"""The greeting as each system's prober meets it: led there once, online afterwards, and nothing of ours in its way."""

from __future__ import annotations

import subprocess
from urllib.parse import urlsplit

import pytest

from edubox.box.app import create_app
from edubox.box.portal import MOST, Devices
from edubox.hardware.hotspot import state
from edubox.hardware.hotspot.probes import PROBES
from tests import needs
from tests.box.school import School, page, serving, settings


@pytest.fixture(autouse=True)
def the_prober():
    needs.programs("curl")


ASKED = [(host, path, online) for host, paths in PROBES.items() for path, online in paths.items()]


@pytest.fixture
def box(tmp_path, monkeypatch):
    """A served box that makes a network; gives its base address."""
    run = tmp_path / "run"
    run.mkdir()
    (run / state.FILE).write_bytes(state.dump(state.State(address="10.87.3.1", wifi="École")))
    monkeypatch.setattr(state, "FOLDER", run)
    school = School(tmp_path / "box")
    school.add("x", {"index.html": page("Accueil")})
    with serving(school.data) as (pages, _):
        yield pages


def curl(box, host, path, *more):
    """Status, where it leads, and body of what *host* answers on the box's network."""
    port = urlsplit(box).port
    told = subprocess.run(
        ["curl", "-s", "--max-time", "10", "--resolve", f"{host}:{port}:127.0.0.1", "-w", "\n%{http_code} %{redirect_url}",
         *more, f"http://{host}:{port}{path}"], check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    body, _, last = told.rpartition("\n")
    return int(last.split(" ")[0]), last.split(" ", 1)[1], body


def test_a_new_device_of_every_system_is_led_to_the_greeting(box):
    for host, path, _ in ASKED:
        assert curl(box, host, path)[:2] == (302, "http://10.87.3.1/welcome/"), host


def test_who_went_on_is_online_for_every_system(box):
    assert curl(box, "10.87.3.1", "/welcome/online/")[0] == 200
    for host, path, online in ASKED:
        assert curl(box, host, path) == (online.status, "", online.body), host


def test_the_greeting_itself_does_not_close_the_window_of_android(box):
    assert curl(box, "10.87.3.1", "/welcome/")[0] == 200
    assert curl(box, "connectivitycheck.gstatic.com", "/generate_204")[0] == 302


def test_who_reads_a_page_of_ours_needs_no_greeting(box):
    assert curl(box, "10.87.3.1", "/fr/")[0] == 200
    assert curl(box, "connectivitycheck.gstatic.com", "/generate_204")[0] == 204


def test_windows_own_redirect_leads_to_the_greeting_even_later(box):
    curl(box, "10.87.3.1", "/welcome/online/")
    assert curl(box, "www.msftconnecttest.com", "/redirect")[1] == "http://10.87.3.1/welcome/"


def test_the_greeting_is_small_and_in_the_readers_language_without_a_script(box):
    _, _, french = curl(box, "10.87.3.1", "/welcome/", "-H", "Accept-Language: fr")
    _, _, english = curl(box, "10.87.3.1", "/welcome/", "-H", "Accept-Language: en")
    assert '<html lang="fr"' in french
    assert "Type this address" in english
    assert 'href="http://10.87.3.1/"' in english
    assert "<script" not in english
    assert len(english.encode()) < 6000


def test_a_probe_at_our_own_name_is_an_address_that_leads_nowhere(box):
    assert curl(box, "edubox.local", "/generate_204")[0] == 404


def test_a_box_that_makes_no_network_has_no_portal(box):
    (state.FOLDER / state.FILE).unlink()
    assert curl(box, "captive.apple.com", "/hotspot-detect.html")[0] == 404


def test_devices_are_bounded_and_the_last_ones_stay():
    devices = Devices()
    for number in range(MOST + 50):
        devices.greet(str(number))
    assert not devices.knows("49")
    assert devices.knows("50")
    assert devices.knows(str(MOST + 49))


def test_a_box_whose_phones_know_no_certificate_has_no_place_to_ask(box):
    assert curl(box, "10.87.3.1", "/welcome/api")[0] == 404


@pytest.fixture
def known(tmp_path, monkeypatch):
    """A box with a certificate that phones know for its name; gives what a phone at an address is answered."""
    run = tmp_path / "run"
    run.mkdir()
    monkeypatch.setattr(state, "FOLDER", run)
    given = {"certificate": "a", "certificate_key": "b", "certificate_name": "box.school.example"}
    client = create_app(School(tmp_path / "box").data, settings(desk_port=8443, **given)).test_client()

    def ask(who):
        answer = client.get(
            "/welcome/api", base_url="https://box.school.example:8443", environ_overrides={"REMOTE_ADDR": who}
        )
        assert answer.headers["Cache-Control"] == "no-store"
        return answer.get_json(force=True)

    return ask


def test_who_has_the_internet_by_another_network_is_held_by_nobody(known):
    assert known("192.168.1.23") == {"captive": False}, "the box makes no network: it is a guest of one"
    (state.FOLDER / state.FILE).write_bytes(state.dump(state.State(address="10.87.3.1")))
    assert known("192.168.1.23") == {"captive": False}
    assert known("2001:db8::1") == {"captive": False}
    assert known("") == {"captive": False}


def test_who_is_in_the_boxes_network_is_shown_the_greeting_at_the_boxes_port(known):
    (state.FOLDER / state.FILE).write_bytes(state.dump(state.State(address="10.87.3.1")))
    assert known("10.87.3.9")["user-portal-url"] == "https://box.school.example:8443/welcome/"
    assert known("::ffff:10.87.3.9")["captive"] is True
