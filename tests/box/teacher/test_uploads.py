from __future__ import annotations

import base64
import io
import os
import time

import pytest

from edubox.box.accounts.person import TEACHER, Person
from edubox.box.app import create_app
from edubox.box.teacher import arriving, drafts, uploads
from edubox.box.teacher.uploads import Coming, Uploads
from edubox.errors import NoRoom, NotFound, OutOfStep, TooLarge, TooMany
from edubox.store.platform import Reserve, ensure_room
from tests.box.desk_client import desk_of
from tests.box.school import School, settings

ADA = Person(7, "Ada", TEACHER)
TUS = {"Tus-Resumable": "1.0.0"}
#: A page of the desk
HERE = "http://localhost"


@pytest.fixture
def data(tmp_path):
    return School(tmp_path / "box").data


@pytest.fixture
def store(data):
    return Uploads(data)


def coming(data, size, **said):
    draft = said.pop("draft", None) or drafts.create(data, ADA, "La lune").id
    return Coming(ADA.id, draft, said.pop("name", "lune.pdf"), size, **said)


def into_draft(data):
    return lambda what, path: drafts.add_file(data, what.draft, what.name, path)


def bring(store, ident, offset, piece):
    with store.write(ident, offset, len(piece)) as writer:
        writer.append(piece)
        writer.settle()
        return writer


# --- the store -------------------------------------------------------------------------------------------


def test_a_file_that_comes_in_pieces_is_in_the_draft_once_its_last_byte_has_come(store, data):
    ident = store.begin(coming(data, 10))
    bring(store, ident, 0, b"01234")
    assert store.standing(ident).offset == 5
    assert not store.finish(ident, into_draft(data))
    bring(store, ident, 5, b"56789")
    what = store.standing(ident).coming
    assert store.finish(ident, into_draft(data))
    assert (drafts.folder(data, what.draft) / "files" / "lune.pdf").read_bytes() == b"0123456789"
    again = store.standing(ident)
    assert (again.finished, again.offset) == (True, 10)


def test_a_device_that_did_not_hear_that_its_file_is_whole_adds_it_no_second_time(store, data):
    ident = store.begin(coming(data, 3))
    bring(store, ident, 0, b"abc")
    assert store.finish(ident, into_draft(data))
    assert store.finish(ident, lambda *_: pytest.fail("twice"))
    with pytest.raises(OutOfStep):
        store.write(ident, 0, 3)


def test_only_what_follows_the_end_is_taken(store, data):
    ident = store.begin(coming(data, 10))
    bring(store, ident, 0, b"01234")
    for offset, length in ((0, 5), (4, 1), (6, 1), (5, 6)):
        with pytest.raises(OutOfStep):
            store.write(ident, offset, length)
    assert store.standing(ident).offset == 5


def test_more_than_a_request_announced_is_left_out(store, data):
    ident = store.begin(coming(data, 10))
    with store.write(ident, 0, 4) as writer:
        writer.append(b"0123456789")
    assert store.standing(ident).offset == 4


def test_whoever_comes_back_by_another_way_stops_what_still_arrives_by_the_first(store, data):
    ident = store.begin(coming(data, 10))
    first = store.write(ident, 0, 10)
    first.append(b"012")
    second = store.write(ident, 3, 7)
    first.append(b"xxx")
    second.append(b"3456789")
    assert (first.refused, second.refused) == (True, False)
    assert (data / "uploads" / ident / "data").read_bytes() == b"0123456789"


def test_after_a_power_cut_an_upload_goes_on_at_what_the_disk_has(store, data):
    ident = store.begin(coming(data, 10))
    bring(store, ident, 0, b"0123456")
    os.truncate(data / "uploads" / ident / "data", 4)  # what was not synced is gone
    after = Uploads(data)
    with pytest.raises(OutOfStep):
        after.write(ident, 7, 3)
    bring(after, ident, after.standing(ident).offset, b"456789")
    assert (data / "uploads" / ident / "data").read_bytes() == b"0123456789"


def test_a_cut_while_the_file_moves_into_its_draft_loses_nothing(store, data):
    what = coming(data, 3)
    ident = store.begin(what)
    bring(store, ident, 0, b"abc")

    def cut_before(*_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        store.finish(ident, cut_before)
    assert Uploads(data).finish(ident, into_draft(data))
    assert drafts.paths(drafts.folder(data, what.draft) / "files") == ["lune.pdf"]


def test_room_is_made_for_the_file_and_for_the_lesson_that_is_built_of_it(data):
    disk = os.statvfs(data)
    free = disk.f_bavail * disk.f_frsize
    store = Uploads(data, Reserve(free - 1_000_000))
    store.begin(coming(data, 300_000))  # 600,000 are spoken for
    with pytest.raises(NoRoom):
        store.begin(coming(data, 300_000))
    assert len(list((data / "uploads").iterdir())) == 1


def test_a_person_and_the_box_have_so_many_uploads_at_once(store, data, monkeypatch):
    monkeypatch.setattr(uploads, "OF_A_PERSON", 2)
    draft = drafts.create(data, ADA, "x").id
    for _ in range(2):
        store.begin(coming(data, 1, draft=draft))
    with pytest.raises(TooMany):
        store.begin(coming(data, 1, draft=draft))
    store.begin(Coming(8, draft, "a", 1))
    with pytest.raises(TooLarge):
        store.begin(coming(data, uploads.LARGEST + 1, draft=draft))


def test_what_nobody_goes_on_with_is_gone_after_a_week_and_its_empty_draft_too(data):
    from edubox.box.teacher.receiving import forget

    store = Uploads(data, forget=lambda what: forget(data, what))
    kept, gone = coming(data, 9), coming(data, 9, made=True)
    idents = [store.begin(one) for one in (kept, gone)]
    bring(store, idents[0], 0, b"abc")
    store.clear(time.time() + 6 * 86_400)
    assert all(store.standing(one) for one in idents)
    store.clear(time.time() + 8 * 86_400)
    assert list((data / "uploads").iterdir()) == []
    assert drafts.read(data, kept.draft)
    with pytest.raises(NotFound):
        drafts.read(data, gone.draft)


def test_only_the_newest_finished_ones_are_remembered(store, data, monkeypatch):
    monkeypatch.setattr(uploads, "REMEMBERED", 1)
    draft = drafts.create(data, ADA, "x").id
    for number in range(3):
        ident = store.begin(coming(data, 0, draft=draft, name=f"{number}.txt"))
        store.finish(ident, into_draft(data))
        os.utime(data / "uploads" / ident, (number, number))
    store.clear()
    assert [one.name for one in (data / "uploads").iterdir()] == [ident]


@pytest.mark.parametrize("note", [b"", b"{", b"[]", b'{"person": "x"}', b'{"size": -1}'])
def test_a_damaged_note_is_an_upload_that_is_not_there(store, data, note):
    ident = store.begin(coming(data, 3))
    (data / "uploads" / ident / "info.json").write_bytes(note)
    with pytest.raises(NotFound):
        store.standing(ident)
    assert Uploads(data).begin(coming(data, 1))


@pytest.mark.parametrize("ident", ["..", "a" * 25, "../" + "a" * 23, "A" * 26, ""])
def test_nothing_but_an_id_names_an_upload(store, ident):
    with pytest.raises(NotFound):
        store.standing(ident)


# --- the desk --------------------------------------------------------------------------------------------


@pytest.fixture
def client(data):
    return create_app(data, settings()).test_client()


@pytest.fixture
def desk(client, data):
    return desk_of(client, data, role="teacher")


def told(**said):
    pairs = (f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in said.items())
    return {"Upload-Metadata": ",".join(pairs)}


def announce(client, desk, size, **said):
    headers = TUS | {"Upload-Length": str(size), "Origin": HERE} | told(**said)
    return client.post(f"{desk}/televersement/", headers=headers)


def patch(client, place, offset, piece, **more):
    headers = TUS | {"Upload-Offset": str(offset), "Origin": HERE, "Content-Type": uploads.PIECE} | more
    return client.patch(place, headers=headers, data=piece)


def test_the_desk_says_what_it_can_do(client, desk):
    answer = client.options(f"{desk}/televersement/", headers={"Origin": HERE})
    assert answer.status_code == 204
    assert answer.headers["Tus-Version"] == "1.0.0"
    assert answer.headers["Tus-Extension"] == "creation,termination,expiration"


def test_a_file_becomes_a_draft_of_its_name(client, desk, data):
    made = announce(client, desk, 6, name="la_lune.md")
    place, draft = made.headers["Location"], made.headers["X-Edubox-Draft"]
    assert made.status_code == 201
    assert place.startswith(f"{desk}/televersement/")
    assert made.headers["X-Edubox-Next"] == f"{desk}/drafts/{draft}/"
    assert patch(client, place, 0, b"# Lu").headers["Upload-Offset"] == "4"
    how_far = client.head(place, headers=TUS)
    assert (how_far.headers["Upload-Offset"], how_far.headers["Upload-Length"]) == ("4", "6")
    assert how_far.headers["Cache-Control"] == "no-store"
    assert "Upload-Expires" in how_far.headers
    last = patch(client, place, 4, b"ne")
    assert (last.status_code, last.headers["Upload-Offset"]) == (204, "6")
    assert drafts.read(data, draft).title == "la lune"
    assert (drafts.folder(data, draft) / "files" / "la_lune.md").read_text() == "# Lune"
    assert client.head(place, headers=TUS).headers["Upload-Offset"] == "6"


def test_a_folder_keeps_its_folders_and_nothing_leaves_the_draft(client, desk, data):
    first = announce(client, desk, 0, name="a.md", path="cours/chapitre 1/a.md").headers["X-Edubox-Draft"]
    for path in ("../../../b.md", "/etc/c.md", "cours\\d.md", "CON/e.md"):
        assert announce(client, desk, 0, path=path, draft=first).status_code == 201
    found = drafts.paths(drafts.folder(data, first) / "files")
    assert {"cours/chapitre 1/a.md", "cours/d.md"} < set(found)
    assert len(found) == 5
    assert drafts.read(data, first).title == "cours"


def test_what_is_for_teachers_stays_apart(client, desk, data):
    draft = announce(client, desk, 0, name="corrigé.pdf", kind="staff").headers["X-Edubox-Draft"]
    assert drafts.paths(drafts.folder(data, draft) / "staff") == ["corrigé.pdf"]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Upload-Length": "x"}, 400), ({}, 400), ({"Upload-Length": "-1"}, 400),
        ({"Upload-Length": "9" * 14}, 413), ({"Upload-Length": "1", "Upload-Metadata": "name é"}, 400),
        ({"Upload-Length": "1", "Tus-Resumable": "0.2.0"}, 412),
        ({"Upload-Length": "1"} | told(kind="secret"), 400), ({"Upload-Length": "1"} | told(draft="a" * 26), 404),
    ],
)  # fmt: skip
def test_what_is_no_announcement_leaves_nothing(client, desk, data, headers, status):
    answer = client.post(f"{desk}/televersement/", headers=TUS | {"Origin": HERE} | headers)
    assert answer.status_code == status
    assert not (data / "drafts").exists() or list((data / "drafts").iterdir()) == []


def test_a_piece_says_what_it_is_and_where_it_begins(client, desk):
    place = announce(client, desk, 6, name="a.md").headers["Location"]
    assert patch(client, place, 1, b"x").status_code == 409
    assert patch(client, place, 0, b"0123456").status_code == 409
    assert patch(client, place, 0, b"x", **{"Content-Type": "text/plain"}).status_code == 415
    assert patch(client, place, "x", b"x").status_code == 400
    assert client.head(place, headers=TUS).headers["Upload-Offset"] == "0"


def test_who_gives_up_leaves_no_draft_behind(client, desk, data):
    made = announce(client, desk, 6, name="a.md")
    patch(client, made.headers["Location"], 0, b"abc")
    assert client.delete(made.headers["Location"], headers=TUS | {"Origin": HERE}).status_code == 204
    assert client.head(made.headers["Location"], headers=TUS).status_code == 404
    assert list((data / "drafts").iterdir()) == list((data / "uploads").iterdir()) == []


def test_a_full_box_says_so_before_anything_is_sent(data):
    disk = os.statvfs(data)
    full = Uploads(data, Reserve(disk.f_bavail * disk.f_frsize - 100_000))
    client = create_app(data, settings(), uploads=full).test_client()
    desk = desk_of(client, data, role="teacher")
    assert announce(client, desk, 10_000_000, name="film.mp4").status_code == 507


def test_a_draft_that_went_meanwhile_is_told(client, desk, data):
    made = announce(client, desk, 3, name="a.md")
    drafts.delete(data, made.headers["X-Edubox-Draft"])
    assert patch(client, made.headers["Location"], 0, b"abc").status_code == 410
    assert list((data / "uploads").iterdir()) == []


def test_without_a_script_a_form_brings_many_files(client, desk, data):
    answer = client.post(
        f"{desk}/televersement/form", headers={"Origin": HERE},
        data={"file": [(io.BytesIO(b"# A"), "a.md"), (io.BytesIO(b"# B"), "b.md")], "draft": ""},
    )  # fmt: skip
    assert answer.status_code == 303
    draft = answer.headers["Location"].rstrip("/").rpartition("/")[2]
    assert drafts.paths(drafts.folder(data, draft) / "files") == ["a.md", "b.md"]
    assert [one for one in (data / "staging").iterdir() if one.name.startswith("form-")] == []


def test_what_a_device_is_told_to_have_arrived_outlasts_a_power_cut(client, desk, monkeypatch):
    synced = []
    monkeypatch.setattr(uploads, "_sync", lambda path: synced.append(path.name))
    monkeypatch.setattr(arriving.os, "fsync", lambda _: synced.append("piece"))
    place = announce(client, desk, 6, name="a.md").headers["Location"]
    synced.clear()
    patch(client, place, 0, b"abc")
    client.head(place, headers=TUS)
    assert synced == ["piece", "data"]


def test_a_form_that_finds_no_room_says_so_on_a_page_from_which_one_tries_again(
    client, desk, data, monkeypatch
):
    disk = os.statvfs(data)
    monkeypatch.setattr(
        drafts, "ensure_room", lambda *_: ensure_room(data, 10 * disk.f_frsize * disk.f_bavail, 1)
    )
    answer = client.post(
        f"{desk}/televersement/form", headers={"Origin": HERE}, data={"file": [(io.BytesIO(b"# A"), "a.md")]}
    )
    page = client.get(answer.headers["Location"]).text
    assert "pas assez de place" in page
    assert 'enctype="multipart/form-data"' in page
    assert list((data / "drafts").iterdir()) == []
