"""The page for carriers: a list goes in, the lessons that are missing come out, and the hub remembers neither list nor reader."""

from __future__ import annotations

import io
import os
import re
import time
import zlib

import pytest

from edubox.errors import Unreachable
from edubox.hub.courier import choosing, pages
from edubox.hub.courier.pages import courier_pages
from edubox.hub.hub import open_hub
from edubox.pack import canonical
from edubox.sync.carried.carry import lessons_in, media_of_lesson, publishers_in, repositories_in
from edubox.sync.carried.wants import Want
from tests.hub.conftest import BEGIN
from tests.hub.publications import publish

BOX = "edubox-0a1b2c"


@pytest.fixture
def mirror(country):
    publish(country, "moon", "The Moon", BEGIN)
    publish(country, "tides", "Tides", BEGIN, film=os.urandom(600_000))
    return country / "mirror"


@pytest.fixture
def phone(country, mirror):
    """A browser at the hub's page."""
    (country / "hub.toml").write_text('courier_price = "2.00 EUR"\n')
    hub = open_hub(country)
    yield courier_pages(hub, lambda _: "Testland").test_client()
    hub.close()


def a_list(follow=("ministry/starter",), have=(), media=(), label="Collège secret"):
    return Want(BOX, label, "2026-11-24", tuple(follow), frozenset(have), frozenset(media)).to_bytes()


def hand_in(phone, data, part="100", language="en"):
    form = {"list": (io.BytesIO(data), "edubox-list.json"), "part": part}
    return phone.post(f"/courier/?lang={language}", data=form)


def text_of(answer):
    return re.sub(
        r"\s+", " ", re.sub(r"<[^>]+>", " ", re.sub(r"<style>.*</style>", "", answer.text, flags=re.DOTALL))
    )


def files_of(phone, answer):
    """The page that follows, and the addresses of its files."""
    page = phone.get(answer.headers["Location"])
    assert page.status_code == 200, page.text
    base = answer.headers["Location"].partition("?")[0]
    return page, [base + name for name in re.findall(r'href="(\d+\.zip)\?', page.text)]


def test_a_carrier_sees_what_a_school_lacks_how_much_it_is_and_what_it_costs(phone):
    answer = hand_in(phone, a_list())
    assert answer.status_code == 303
    page, files = files_of(phone, answer)
    said = text_of(page)
    assert "The school lacks 2 lessons, or has older ones." in said
    assert "With them comes 1 film, sound or picture." in said
    assert re.search(r"In all 6\d\d kB", said)
    assert "What that costs on a phone, at 2.00 EUR for a gigabyte 0.01 EUR" in said
    assert len(files) == 1
    french = text_of(phone.get(answer.headers["Location"].replace("lang=en", "lang=fr")))
    assert "Il manque 2 leçons à l’école" in french
    assert "0,01 EUR" in french


def test_a_school_that_lacks_nothing_is_told_so(phone, mirror):
    lessons = list(lessons_in(mirror, repositories_in(mirror, publishers_in(mirror))))
    media = {sha for one in lessons for sha, _ in media_of_lesson(mirror, one.index) or ()}
    answer = hand_in(phone, a_list(have=[one.index.manifest for one in lessons], media=media))
    page, files = files_of(phone, answer)
    assert "The school has every lesson." in text_of(page)
    assert len(files) == 1


def test_a_download_that_was_cut_goes_on_where_it_was(phone):
    _, (address,) = files_of(phone, hand_in(phone, a_list()))
    whole = phone.get(address)
    assert whole.headers["Content-Type"] == "application/zip"
    assert whole.headers["Content-Disposition"] == f'attachment; filename="edubox-tl-{BOX}-1of1.zip"'
    tag = whole.headers["ETag"]
    rest = phone.get(address, headers={"Range": "bytes=1000-", "If-Range": tag})
    assert rest.status_code == 206
    assert whole.data[:1000] + rest.data == whole.data
    assert phone.get(address, headers={"Range": "bytes=1000-", "If-Range": '"another"'}).status_code == 200
    assert phone.head(address).headers["Content-Length"] == str(len(whole.data))


def test_a_publication_meanwhile_changes_no_file_that_is_on_its_way(phone, country):
    _, (address,) = files_of(phone, hand_in(phone, a_list()))
    before = phone.get(address).data
    publish(country, "tides", "Tides, corrected", BEGIN)
    assert phone.get(address).data == before


def test_the_hub_writes_down_public_files_and_neither_list_nor_box_nor_reader(phone, country, mirror):
    have = "ab" * 32
    answer = hand_in(phone, a_list(have=[have]))
    files_of(phone, answer)
    (note,) = (country / "courier").iterdir()
    written = zlib.decompress(note.read_bytes())
    for secret in (BOX, "secret", have, "127.0.0.1"):
        assert secret.encode() not in written
    for path in country.rglob("*"):
        if path.is_file() and "mirror" not in path.parts:
            assert BOX.encode() not in path.read_bytes(), path
    # The same lack of another school is the same note.
    other = Want("edubox-ffffff", "Other", "2026-01-01", ("ministry/starter",)).to_bytes()
    assert hand_in(phone, other).headers["Location"].split("/")[2] == answer.headers["Location"].split("/")[2]


def test_what_was_written_down_leaves_after_two_days_and_comes_back_with_the_list(phone, country):
    answer = hand_in(phone, a_list())
    (note,) = (country / "courier").iterdir()
    old = time.time() - choosing.KEPT - 1
    os.utime(note, (old, old))
    gone = phone.get(answer.headers["Location"])
    assert gone.status_code == 404
    assert "Hand in the list again" in text_of(gone)
    assert hand_in(phone, a_list()).headers["Location"] == answer.headers["Location"]
    assert phone.get(answer.headers["Location"]).status_code == 200


def test_notes_take_only_so_much_of_the_disk(phone, country, monkeypatch):
    monkeypatch.setattr(choosing, "MOST", 3)
    for number in range(5):
        hand_in(phone, a_list(), part=str(pages.CHOICES[number % 4]))
    assert len(list((country / "courier").iterdir())) <= 3
    monkeypatch.setattr(choosing, "ROOM", 10)
    hand_in(phone, a_list(), part="250")
    assert len(list((country / "courier").iterdir())) == 1


HOSTILE = {
    "nothing": b"",
    "no JSON": b"<script>alert(1)</script>",
    "deep": b"[" * 100_000,
    "large": b" " * (1024 * 1024 + 1),
    "a number too long": b'{"format":' + b"9" * 5000 + b"}",
    "another file": b"PK\x03\x04" + bytes(1000),
    "a name that climbs": a_list().replace(BOX.encode(), b"../../etc"),
    "a field more": canonical.write({"format": 1, "box": BOX, "more": 1}),
    "too many": canonical.write({
        "format": 1, "box": BOX, "label": "x", "written": "2026-11-24", "have": [], "media": [],
        "follow": sorted(f"a{number}/b" for number in range(501)),
    }),
}  # fmt: skip


@pytest.mark.parametrize("data", HOSTILE.values(), ids=HOSTILE)
def test_what_is_no_list_is_refused_in_a_sentence(phone, data, country):
    answer = hand_in(phone, data)
    assert answer.status_code in {400, 413}
    assert "list" in text_of(answer)
    assert "<script" not in answer.text
    assert not (country / "courier").exists()


def test_a_form_without_a_file_and_one_that_is_far_too_large_are_refused(phone):
    assert phone.post("/courier/", data={}).status_code == 400
    assert hand_in(phone, b" " * (pages.LARGEST + 1)).status_code == 413


@pytest.mark.parametrize(
    "address",
    [
        "x",
        "../../etc/passwd/",
        f"{'0' * 32}/{BOX}/",
        f"{'0' * 32}/{BOX}/1.zip",
        f"{'0' * 32}/..%2f/1.zip",
        "%00/a/",
    ],
)
def test_an_address_that_nobody_was_given_is_a_page_that_says_so(phone, address):
    answer = phone.get(f"/courier/{address}")
    assert answer.status_code == 404
    assert "Content-Security-Policy" in answer.headers


def test_only_the_files_that_the_page_names_are_there(phone):
    _, (address,) = files_of(phone, hand_in(phone, a_list()))
    for wrong in (
        address.replace("/1.zip", "/0.zip"),
        address.replace("/1.zip", "/2.zip"),
        address.replace("/1.zip", "/-1.zip"),
    ):
        assert phone.get(wrong).status_code == 404
    assert phone.get(address.replace(BOX, 'a"b')).status_code == 404


def test_what_was_erased_meanwhile_is_nowhere(phone, mirror):
    _, (address,) = files_of(phone, hand_in(phone, a_list()))
    film = max((mirror / "objects").rglob("*"), key=lambda path: path.stat().st_size if path.is_file() else 0)
    film.unlink()
    assert phone.get(address).status_code == 404


def test_a_crowd_of_carriers_is_asked_to_come_back(phone, monkeypatch):
    monkeypatch.setattr(choosing.Chooser, "choose", lambda *_: None)
    answer = hand_in(phone, a_list())
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
    assert "Try again in a minute" in text_of(answer)


def test_a_mirror_that_cannot_be_read_is_said_and_no_bug(phone, monkeypatch):
    def fail(*_):
        raise Unreachable(source="mirror", reason="Input/output error")

    monkeypatch.setattr(choosing.Chooser, "choose", fail)
    answer = hand_in(phone, a_list())
    assert answer.status_code == 503
    assert "cannot be read just now" in text_of(answer)


def test_one_list_is_looked_at_at_a_time(mirror):
    chooser = choosing.Chooser(mirror)
    want = Want(BOX, "x", "2026-11-24", ("ministry/starter",))
    with chooser._turn:
        assert chooser.choose(want, 10**8, 0.01) is None
    assert chooser.choose(want, 10**8, 0.01).lessons == 2


def test_the_page_is_small_loads_nothing_and_needs_no_script(phone):
    answer = phone.get("/courier/", headers={"Accept-Language": "fr"})
    assert len(answer.data) < 10_000
    assert "<script" not in answer.text
    assert not re.search(r"src=|<link|@import|url\(", answer.text)
    assert 'lang="fr"' in answer.text
    assert "La liste n’est pas gardée" in answer.text
    assert "Set-Cookie" not in answer.headers
    assert 'lang="en"' in phone.get("/courier/?lang=en").text


def test_without_a_price_no_money_is_spoken_of(country, mirror):
    hub = open_hub(country)
    phone = courier_pages(hub, lambda _: "Testland").test_client()
    page, _ = files_of(phone, hand_in(phone, a_list()))
    assert "costs" not in text_of(page) + text_of(phone.get("/courier/?lang=en"))
    hub.close()
