"""A pupil hands in without an account, with a plain form: what is taken, what is refused in clear words, what is left."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime

import pytest

from edubox.box.school import classes, handing, handins
from edubox.box.school.reports import Turnstile
from tests.box.classes.conftest import HOST
from tests.box.classes.test_bare import NEEDLE, picture

PDF = b"%PDF-1.7 " + bytes(100)
TODAY = datetime.now(UTC).date().isoformat()


def open_box(file, code, title="Dessin", until="2099-01-01", erase="2099-02-01"):
    handins.open_box(file, code, title, "Un dessin <légendé>", until, erase)
    return classes.of_teachers(file, code).dropboxes[-1]


@pytest.fixture
def dropbox(file, code):
    return open_box(file, code)


@pytest.fixture
def here(code, dropbox):
    return f"/fr/classe/{code}/depot/{dropbox.id}/"


def hand_in(browser, here, data=PDF, name="Lina", called="devoir.pdf", **fields):
    """Where the box leads after the form was sent."""
    given = {"name": name, **fields} | ({} if data is None else {"file": (io.BytesIO(data), called)})
    answer = browser.post(here, **given)
    assert answer.status_code == 303, answer.status
    return answer.headers["Location"].partition("#")[0]


def files(box):
    return sorted(path for path in box.data.rglob("*") if path.is_file() and "handin" in str(path))


def test_it_is_received_at_a_time_with_a_receipt_that_takes_it_back(browser, box, file, here, dropbox):
    assert "légendé&gt;" in browser.text(here)
    done = hand_in(browser, here)
    page = browser.text(done)
    assert re.search(r"\d+\sh\s\d\d", page)
    assert "devoir.pdf" in page
    (one,) = handins.listed(file, dropbox)
    assert (one.name, one.file, one.media) == ("Lina", "devoir.pdf", "application/pdf")
    assert handins.path_of(box.data, one.id).read_bytes() == PDF
    receipt = done.partition("receipt=")[2]
    assert receipt.replace("-", "").encode() not in file.path.read_bytes()
    assert "taken-back" in hand_in(browser, here, None, receipt=receipt, action="take-back")
    assert handins.listed(file, dropbox) == []
    assert files(box) == []


def test_a_receipt_replaces_the_work_under_the_same_name(browser, box, file, here, dropbox):
    receipt = hand_in(browser, here).partition("receipt=")[2]
    hand_in(browser, here, PDF + b"2", name="Somebody", called="mieux.pdf", receipt=receipt)
    (one,) = handins.listed(file, dropbox)
    assert (one.name, one.file) == ("Lina", "mieux.pdf")
    assert len(files(box)) == 1
    assert "said=unknown" in hand_in(browser, here, receipt=receipt), "the older receipt is of nothing now"


def test_a_photo_arrives_without_the_place_where_it_was_taken(browser, box, here):
    assert "receipt=" in hand_in(browser, here, picture("JPEG"), called="IMG_001.JPG")
    (path,) = files(box)
    assert NEEDLE not in path.read_bytes()
    assert path.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("data", "called", "said"),
    [
        (b"<html><script>alert(1)</script>", "x.html", "kind"), (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "x.svg", "kind"),
        (b"<svg onload=alert(1)>", "x.jpg", "kind"), (b"MZ" + bytes(90), "x.exe", "kind"), (b"PK\x03\x04" + bytes(90), "x.zip", "kind"),
        (b"PK\x03\x04" + bytes(90), "x.apk", "kind"), (b"\x00\x00\x00\x18ftypheic" + bytes(40), "IMG.HEIC", "kind"),
        (b"\xff\xd8\xff\xe0" + bytes(40), "x.jpg", "damaged"), (b"", "x.pdf", "empty"),
    ],
)  # fmt: skip
def test_what_is_not_taken_is_said_and_leaves_nothing(browser, box, file, here, dropbox, data, called, said):
    where = hand_in(browser, here, data, called=called)
    assert f"said={said}" in where
    assert 'role="alert"' in browser.text(where)
    assert handins.listed(file, dropbox) == []
    assert files(box) == []
    assert not list((box.data / "staging").glob("handin*"))


@pytest.mark.parametrize(
    "called",
    [
        "../../x.pdf",
        "..\\..\\x.pdf",
        "/etc/x.pdf",
        "x\x00\u202efdp.pdf",
        "con.pdf" + "x" * 500 + ".pdf",
        ".pdf",
        "a/b/..",
    ],
)
def test_a_name_leads_nowhere_and_fits(browser, box, file, here, dropbox, called):
    hand_in(browser, here, called=called, name="../<b>" + "x" * 100)
    (one,) = handins.listed(file, dropbox)
    assert not set("/\\<>\x00\u202e") & set(one.file + one.name)
    assert len(one.file) <= handins.FILE
    assert one.file.endswith(".pdf")
    assert len(one.name) <= handins.NAME
    (path,) = files(box)
    assert path.parent.parent == box.data / "handins"


@pytest.mark.parametrize("origin", [None, "null", "http://box.local:8081", "http://evil.example"])
def test_only_our_own_page_may_hand_in(browser, box, here, origin):
    answer = browser.post(here, origin, name="Lina", file=(io.BytesIO(PDF), "x.pdf"))
    assert answer.status_code == 403
    assert files(box) == []


def test_a_file_that_is_too_large_is_said_without_being_read(browser, here):
    client = browser._client
    answer = client.post(
        here,
        headers={"Host": HOST, "Origin": f"http://{HOST}"},
        environ_overrides={"CONTENT_LENGTH": str(handing.LARGEST_BODY + 1)},
    )
    assert "said=large" in answer.headers["Location"]


def test_after_the_last_day_the_form_is_gone_and_the_receipt_takes_nothing_back(
    browser, file, code, monkeypatch
):
    dropbox = open_box(file, code, until=TODAY)
    here = f"/fr/classe/{code}/depot/{dropbox.id}/"
    receipt = hand_in(browser, here).partition("receipt=")[2]
    monkeypatch.setattr(handing, "now_on", lambda _: datetime(2099, 1, 2, tzinfo=UTC))
    assert 'type="file"' not in browser.text(here)
    assert "said=closed" in hand_in(browser, here, None, receipt=receipt, action="take-back")
    assert len(handins.listed(file, dropbox)) == 1


def test_a_flood_is_told_to_wait_and_ten_thousand_files_find_no_place(
    browser, box, file, here, dropbox, monkeypatch
):
    monkeypatch.setattr(handins, "HANDINS", 3)
    said = [hand_in(browser, here).partition("?")[2].partition("=") for _ in range(handing.A_MINUTE + 5)]
    assert sum(key == "receipt" for key, _, _ in said) == 3
    assert said[3][2] == "full"
    assert said[-1][2] == "flood"
    assert len(files(box)) == 3


def test_a_class_has_so_many_bytes(browser, here, monkeypatch):
    monkeypatch.setattr(handins, "OF_A_CLASS", 200)
    assert ["receipt" in hand_in(browser, here) for _ in range(3)] == [True, True, False]


def test_a_full_card_is_said_in_clear_words(browser, box, here, monkeypatch):
    from edubox.errors import NoRoom

    def full(*_):
        raise NoRoom(path="x", reason="full")

    monkeypatch.setattr(handins, "ensure_room", full)
    assert "said=room" in hand_in(browser, here)
    assert files(box) == []


def test_forms_that_are_none_are_refused(browser, box, here, monkeypatch):
    monkeypatch.setattr(Turnstile, "lets_pass", lambda _: True)
    client = browser._client
    headers = {"Host": HOST, "Origin": f"http://{HOST}"}
    many = {f"f{number}": "x" for number in range(20)}
    assert (
        client.post(here, data=many | {"file": (io.BytesIO(PDF), "x.pdf")}, headers=headers).status_code
        == 400
    )
    assert (
        client.post(
            here, data={"name": "x" * 40_000, "file": (io.BytesIO(PDF), "x.pdf")}, headers=headers
        ).status_code
        == 400
    )
    assert client.post(
        here, data=b"junk", content_type="multipart/form-data; boundary=x", headers=headers
    ).status_code in {303, 400}
    assert "said=empty" in hand_in(browser, here, name=" ")
    assert files(box) == []


def test_another_class_s_drop_box_and_none_are_not_there(browser, file, here, code, dropbox):
    other = classes.make(file, "5e A")
    for address in (
        f"/fr/classe/{other}/depot/{dropbox.id}/",
        f"/fr/classe/{code}/depot/99/",
        f"/en/class/{code}/depot/1/",
    ):
        assert browser.get(address).status_code == 404
    assert browser.post(f"/fr/classe/{other}/depot/{dropbox.id}/", name="x").status_code == 404
    assert browser.get(f"/en/class/{code}/hand-in/{dropbox.id}/").status_code == 200


def test_the_class_s_page_leads_to_it_and_says_until_when(browser, code, here):
    text = browser.text(f"/fr/classe/{code}/")
    assert here in text
    assert "Dessin" in text


def test_nothing_of_it_is_said_to_pupils_but_to_whoever_has_the_receipt(browser, here, code):
    hand_in(browser, here, name="Zanzibar", called="Quetzal.pdf")
    for address in (here, f"/fr/classe/{code}/", f"{here}?receipt=AAAAAAAAAAAA", f"{here}?receipt="):
        assert "Zanzibar" not in browser.text(address)
        assert "Quetzal" not in browser.text(address)
