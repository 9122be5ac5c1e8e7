"""What is for teachers only: read at the desk, harmless there, and no byte of it anywhere else."""

from __future__ import annotations

import gzip
import itertools
from urllib.parse import quote

import pytest
from werkzeug.test import Client

from edubox.box.accounts import substitutes
from edubox.box.app import create_app
from edubox.box.lessons import lesson_app
from edubox.box.library import Library
from edubox.box.mirror_route import with_mirror
from edubox.box.own import backup
from edubox.box.own.repository import listed
from edubox.box.school import classes
from edubox.cli import run
from edubox.pack.manifest import parse
from edubox.store.layout import object_path
from edubox.sync.carried.carry import chosen
from tests.box.desk_client import BASE, desk_of, person
from tests.box.own.school import Follower
from tests.box.school import settings

HOST = "box.local"
NEEDLE = "reponsexyzzy"
NAME = "corrigexyzzy.md"


@pytest.fixture
def given(room):
    """The room, after a lesson with notes was given; ``given.slug``, ``given.staff`` its list of files."""
    room.synchronise()
    ident = room.draft(staff=f"{NEEDLE} " * 40)
    room.put(ident, NAME, f"# {NEEDLE}", staff=True)
    room.slug = room.give(ident, room.code)
    room.staff = room.own_lesson(room.slug).staff
    return room


def names_of(room) -> list[str]:
    """Whatever somebody may put into an address: ids, hashes, names, files."""
    lesson = Library(room.box).lesson(room.address(room.slug))
    shelf = room.box / "mirror" / "staff"
    listed = parse((shelf / object_path(room.staff)).read_bytes()).files
    hashes = [path.name for path in shelf.rglob("*") if path.is_file()]
    return [
        room.address(room.slug), f"{room.address(room.slug)}--staff", room.slug, f"{room.slug}--staff", "local",
        room.own().id.partition("/")[2], lesson.manifest, room.staff, room.code, "1", "fr", "staff", *hashes,
        *(file.path for file in listed), f"{room.staff}/{NAME}", "../staff", "staff/objects",
    ]  # fmt: skip


def body(answer) -> bytes:
    data = answer.get_data()
    answer.close()
    return gzip.decompress(data) if answer.headers.get("Content-Encoding") == "gzip" else data


def test_no_address_of_any_port_gives_a_byte_of_it_to_who_is_not_let_in(given):
    names = names_of(given)
    app = create_app(given.box, settings(languages=["fr", "en"]))
    pages = Client(with_mirror(app, given.box / "mirror", lambda: False))
    lessons = Client(lesson_app(given.box, 8080, ("fr",)))
    addresses = {"/", f"/fr/recherche/?q={NEEDLE}", f"/fr/recherche/?q={NAME}"}
    for rule in app.url_map.iter_rules():
        if "GET" not in rule.methods:
            continue
        choices = [names[:12] if len(rule.arguments) > 1 else names for _ in rule.arguments]
        for values in itertools.islice(itertools.product(*choices), 300):
            path = rule.rule
            for argument, value in zip(sorted(rule.arguments, key=path.index), values, strict=True):
                start = path.index("<")
                path = f"{path[:start]}{value}{path[path.index('>') + 1 :]}"
                assert argument
            addresses.add(path)
    for path in (given.box / "mirror").rglob("*"):
        place = path.relative_to(given.box / "mirror").as_posix()
        addresses |= {
            f"/m/{place}",
            f"/m/{place.removeprefix('staff/')}",
            f"/m/x/../{place}",
            f"/m/%2e/{place}",
        }
    asked = 0
    for address in sorted(addresses):
        for client in (pages, lessons):
            answer = client.get(quote(address, safe="/?=%"), base_url=f"http://{HOST}")
            said = body(answer)
            assert NEEDLE.encode() not in said or NEEDLE in address, address
            assert NAME.encode() not in said or NAME in address, address
            asked += 1
    for name in names:
        for place in (
            f"/c/{given.staff}/{name}",
            f"/c/{name}",
            f"/c/{given.staff}",
            f"/c/../mirror/staff/{name}",
        ):
            answer = lessons.get(quote(place), base_url=f"http://{HOST}")
            assert NEEDLE.encode() not in body(answer)
            assert answer.status_code in {301, 404}
    assert asked > 500


def test_it_is_in_no_search_no_tree_no_twin_no_list_and_no_table(given):
    assert Library(given.box).search(NEEDLE, "fr") == []
    for folder in ("site", "twins"):
        for path in (given.box / folder).rglob("*"):
            assert NAME not in path.name
            if path.is_file():
                data = path.read_bytes()
                assert NEEDLE.encode() not in (gzip.decompress(data) if path.suffix == ".gz" else data)
    for path in given.box.glob("box.db*"):
        assert NEEDLE.encode() not in path.read_bytes()


def test_a_courier_a_neighbour_and_another_box_do_not_get_it(given, tmp_path):
    mirror = given.box / "mirror"
    private = {path.name for path in (mirror / "staff").rglob("*") if path.is_file()}
    items = chosen(mirror, [])
    full = listed(mirror, given.own().prefix)[given.slug].full
    assert [item for item in items if item.path.endswith(full.sha256)], "its lesson travels"
    assert not private & {item.path.rpartition("/")[2] for item in items}
    assert not any(NEEDLE.encode() in (mirror / item.path).read_bytes() for item in items)
    assert Follower(tmp_path / "follower", given.own().id).look(given.source(), given.now) == {given.slug: 1}


def test_a_site_for_home_does_not_have_it(given, tmp_path):
    classes.switch_home(given.file, given.code, on=True)
    out = tmp_path / "out"
    code = run(
        [
            "site",
            "export",
            str(given.box / "mirror"),
            str(out),
            "--data",
            str(given.box),
            "--class",
            given.code,
        ]
    )
    assert code == 0
    written = [path for path in out.rglob("*") if path.is_file()]
    assert any(b"La lune" in path.read_bytes() for path in written)
    for path in written:
        data = path.read_bytes()
        assert NEEDLE.encode() not in (gzip.decompress(data) if path.suffix == ".gz" else data), path


def test_a_backup_holds_it_closed_and_brings_it_back(given, tmp_path):
    file = given.backup()
    assert NEEDLE.encode() not in file.read_bytes()
    backup.restore(file, tmp_path / "restored", given.code_on_paper)
    shelf = tmp_path / "restored" / "mirror" / "staff"
    assert any(NEEDLE.encode() in path.read_bytes() for path in shelf.rglob("*") if path.is_file())


def test_at_the_desk_text_is_shown_and_a_web_page_is_only_kept(given):
    client = create_app(given.box, settings(languages=["en"])).test_client()
    base = desk_of(client, given.box)
    address = f"{base}/notes/{given.address(given.slug)}"
    page = client.get(f"{address}/", base_url=f"http://{HOST}").get_data(as_text=True)
    assert NAME in page
    text = client.get(f"{address}/file/{NAME}", base_url=f"http://{HOST}")
    assert NEEDLE in text.get_data(as_text=True)
    assert text.headers["Content-Type"] == "text/plain; charset=utf-8"
    hostile = client.get(f"{address}/file/page.html", base_url=f"http://{HOST}")
    assert hostile.headers["Content-Type"] == "application/octet-stream"
    assert hostile.headers["Content-Disposition"].startswith("attachment")
    for answer in (text, hostile):
        assert answer.headers.getlist("X-Content-Type-Options") == ["nosniff"]
        assert len(answer.headers.getlist("Content-Security-Policy")) == 1
        assert "sandbox" in answer.headers["Content-Security-Policy"]
        assert answer.headers["Cache-Control"] == "no-store"
        answer.close()


@pytest.mark.parametrize("rest", ["file/x", "file/../../la-lune/file/x", "file/", "file/%2e%2e/own.json"])
def test_what_the_list_does_not_name_is_not_there(given, rest):
    client = create_app(given.box, settings(languages=["en"])).test_client()
    answer = client.get(
        f"{desk_of(client, given.box)}/notes/{given.address(given.slug)}/{rest}", base_url=f"http://{HOST}"
    )
    assert answer.status_code == 404


def test_a_substitute_reads_it_for_the_classes_they_stand_in_for_and_for_no_other(given):
    app, other = create_app(given.box, settings(languages=["en"])), classes.make(given.file, "5A", "")
    maker = person(given.box, "teacher", "Grace").person
    for code, status in ((given.code, 200), (other, 404)):
        opened, _ = substitutes.make(given.file, maker, "Sam", [code], 1, 1 << 40)
        client = app.test_client()
        came = client.post(
            f"{BASE}/invitation/{opened}/", base_url=f"https://{HOST}", headers={"Origin": f"https://{HOST}"}
        )
        assert came.status_code == 303
        address = f"{BASE}/notes/{given.address(given.slug)}/"
        for page in (address, f"{address}file/{NAME}"):
            answer = client.get(page, base_url=f"https://{HOST}")
            assert answer.status_code == status
            assert (NEEDLE.encode() in body(answer)) == (status == 200 and page != address)
        lessons = client.get(f"{BASE}/remplacement/", base_url=f"https://{HOST}").text
        assert (address in lessons) == (status == 200)
