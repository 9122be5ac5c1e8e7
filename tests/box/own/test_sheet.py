"""The school sheet: on the desk and as a file, with the code until it is printed, and never after."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from edubox.box.accounts import first
from edubox.box.app import create_app
from edubox.box.own import identity
from edubox.box.own.sheet import sheet
from edubox.hardware.card import wifi_note
from edubox.pages.sheet import alone
from edubox.settings import load_settings
from tests.box.desk_client import desk_of

ORIGIN = "http://box.local:8080"


@pytest.fixture
def desk(school):
    """A browser at the desk, and the address of the sheet there."""
    client = create_app(school.box, load_settings(school.box / "box.toml")).test_client()
    return client, f"{desk_of(client, school.box)}/sheet/"


def words(html):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def test_the_page_says_everything_in_french_first_and_english_beside(school, desk):
    client, address = desk
    html = client.get(address, base_url=ORIGIN, headers={"Accept-Language": "fr"}).get_data(as_text=True)
    said = words(html)
    assert school.code.replace("-", " ") in said
    assert f"{ORIGIN}/ " in said
    assert "https://box.local:8443/bureau/ " in said
    assert first.read(school.box).replace("-", " ") in said
    assert school.own().id in said
    assert html.count('class="qr"') == 2
    assert html.index('lang="fr" dir') < html.index('lang="en" dir')
    assert client.get(f"{address}style.css", base_url=ORIGIN).status_code == 200
    assert "style=" not in html, "the security policy would refuse it"


def test_once_printed_the_box_forgets_the_code(school, desk):
    client, address = desk
    answer = client.post(address, data={"action": "printed"}, base_url=ORIGIN, headers={"Origin": ORIGIN})
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith(address)
    assert school.code[:5] not in words(client.get(address, base_url=ORIGIN).get_data(as_text=True))
    assert not (school.box / "keys" / "recovery-code").exists()
    again = client.post(address, data={"action": "printed"}, base_url=ORIGIN, headers={"Origin": ORIGIN})
    assert again.status_code == 303


def test_another_site_or_a_stranger_cannot_make_it_forget_or_see_it(school, desk):
    client, address = desk
    assert client.post(address, data={"action": "printed"}, base_url=ORIGIN).status_code == 403
    assert client.post(address, data={}, base_url=ORIGIN, headers={"Origin": ORIGIN}).status_code == 400
    stranger = create_app(school.box, load_settings(school.box / "box.toml")).test_client()
    for base_url in (ORIGIN, "https://box.local:8443"):
        assert school.code[:5] not in stranger.get("/bureau/sheet/", base_url=base_url).text
    desk_of(client, school.box, "teacher", "Grace")
    assert client.get(address, base_url=ORIGIN).status_code == 403
    assert (
        client.post(
            address, data={"action": "printed"}, base_url=ORIGIN, headers={"Origin": ORIGIN}
        ).status_code
        == 403
    )
    assert identity.unprinted_code(school.box, school.own()) == school.code


def test_the_file_needs_no_other_and_asks_nobody(school):
    settings = load_settings(school.box / "box.toml")
    html = alone(sheet(school.box, settings, ORIGIN, school.now), ("fr", "en"))
    assert school.code.split("-")[3] in html
    assert not re.findall(r'(?:src|href)="', html)
    assert "@page" in html


def test_a_name_of_a_school_is_text_whatever_it_holds(school):
    settings = load_settings(school.box / "box.toml") | {"name": "<script>alert(1)</script>"}
    html = alone(sheet(school.box, settings, ORIGIN, school.now), ("fr",))
    assert "<script>" not in html
    assert "&lt;script&gt;" in html


def test_the_code_of_an_identity_that_never_came_to_be_is_not_printed(school):
    (school.box / "keys" / "recovery-code").write_text(f"local/{'a' * 26}\n{school.code}\n")
    assert identity.unprinted_code(school.box, school.own()) is None
    (school.box / "keys" / "recovery-code").write_bytes(b"\xff")
    assert identity.unprinted_code(school.box, school.own()) is None


def test_the_serving_process_shows_it_without_a_key_library(school):
    program = """
import sys
from pathlib import Path
from edubox.box.own.sheet import sheet
from edubox.hardware.card import wifi_note
from edubox.pages.sheet import alone
from edubox.settings import load_settings
from tests.box.desk_client import desk_of
data = Path(sys.argv[1])
alone(sheet(data, load_settings(data / "box.toml"), "http://x"), ("fr", "en"))
sys.exit(bool({"tuf", "cryptography", "sqlite_utils"} & set(sys.modules)))
"""
    assert subprocess.run([sys.executable, "-c", program, school.box], check=False).returncode == 0


def test_printed_at_the_box_itself_its_squares_lead_where_others_find_it(school, desk, monkeypatch):
    client, address = desk
    monkeypatch.setattr("edubox.box.sheet.own_addresses", lambda: ["192.0.2.7"])
    said = words(client.get(address, base_url="http://localhost:8080").get_data(as_text=True))
    assert "http://192.0.2.7:8080/ " in said
    assert "localhost" not in said


def test_the_network_that_the_box_makes_is_on_the_sheet_with_its_password(school):
    wifi_note.write(school.box, {"name": "Moulin à vent", "password": "soleil levant 27"})
    said = words(alone(sheet(school.box, load_settings(school.box / "box.toml"), ORIGIN), ("fr", "en")))
    assert "Wi-Fi: Moulin à vent" in said
    assert "soleil levant 27" in said
    wifi_note.write(school.box, {"name": "Moulin à vent", "password": ""})
    said = words(alone(sheet(school.box, load_settings(school.box / "box.toml"), ORIGIN), ("fr", "en")))
    assert "Wi-Fi: Moulin à vent" in said
    wifi_note.write(school.box, {})
    said = words(alone(sheet(school.box, load_settings(school.box / "box.toml"), ORIGIN), ("fr", "en")))
    assert "Wi-Fi:" not in said
