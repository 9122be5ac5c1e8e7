"""No byte of what is for teachers only reaches anybody else: a random marker is planted there and looked for everywhere.

Looked for as it is, in base64 (a page to take home carries its pictures so) and inside of what is compressed: on every page
that links lead to, in what pupils take home, what a class takes along, a courier, the box next door, a site for home, the
search and every file of the box, its lists and journals among them.
"""

from __future__ import annotations

import base64
import gzip
import io
import logging
import lzma
import re
import secrets
import zipfile
from urllib.parse import urljoin, urlsplit

import pytest
from werkzeug.test import Client

from edubox.box.app import create_app
from edubox.box.lessons import lesson_app
from edubox.box.library import Library
from edubox.box.mirror_route import with_mirror
from edubox.box.own.repository import listed
from edubox.box.school import classes, week
from edubox.box.teacher import drafts
from edubox.cli import run
from edubox.settings import load_settings
from tests.box.own.school import Follower
from tests.box.school import settings

PAGES, LESSONS = "http://box.local:8080", "http://box.local:8081"
_LINK = re.compile(r"""(?:href|src|action|poster|data-[a-z]+|url)\s*[=(]\s*["']?([^"'\s>)]+)""")


@pytest.fixture
def room(room, caplog):
    """The room after a lesson was given whose notes hold ``room.marker``, in the words, in a name and in a picture."""
    caplog.set_level(logging.DEBUG)
    room.marker = f"q{secrets.token_hex(12)}"
    room.synchronise()
    ident = room.draft(words="La lune", staff=f"{room.marker} " * 40)
    room.put(ident, f"{room.marker}.txt", f"42 {room.marker}", staff=True)
    room.put(
        ident, "barème.svg", f"<svg xmlns='http://www.w3.org/2000/svg'><!--{room.marker}--></svg>", staff=True
    )
    room.slug = room.give(ident, room.code)
    assert room.own_lesson(room.slug).staff
    classes.switch_home(room.file, room.code, on=True)
    week.wish(room.box, room.code, [room.address(room.slug)], "2026-12-24")
    week.make(room.box, load_settings(room.box / "box.toml"), room.code, 1, lambda *_: None)
    return room


def has(data: bytes, marker: str) -> bool:
    """Whether *data* holds the *marker*, however it is wrapped."""
    plain = marker.encode()
    # A text in base64 looks different at each of three places; its first and last letters depend on what is beside it.
    coded = [base64.b64encode(b"x" * shift + plain)[4 if shift else 0 : -4] for shift in range(3)]
    if any(one in data for one in (plain, *coded)):
        return True
    if data[:2] == b"\x1f\x8b":
        return has(gzip.decompress(data), marker)
    if data[:6] == b"\xfd7zXZ\0":
        return has(lzma.decompress(data), marker)
    if data[:4] == b"PK\3\4":
        with zipfile.ZipFile(io.BytesIO(data)) as whole:
            return any(marker in name or has(whole.read(name), marker) for name in whole.namelist())
    return False


def files_with(folder, marker: str, besides=()) -> list[str]:
    """The files below *folder* that hold the *marker* in their content or their name, but for those below *besides*."""
    return [
        str(path) for path in folder.rglob("*")
        if path.is_file() and not any(one in path.parents for one in besides)
        and (marker in str(path) or has(path.read_bytes(), marker))
    ]  # fmt: skip


def test_the_looking_finds_what_is_hidden_in_each_way(tmp_path):
    plain = b"before needle-7f3a9 after"
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("a.gz", gzip.compress(plain))
    for shift in range(3):
        assert has(base64.b64encode(b"z" * shift + plain), "needle-7f3a9")
    for data in (plain, gzip.compress(plain), lzma.compress(plain), whole.getvalue()):
        assert has(data, "needle-7f3a9")
        assert not has(data, "needle-7f3a8")


def test_the_marker_is_where_teachers_read_it_and_in_no_other_file_of_the_box(room, caplog):
    private = [room.box / "mirror" / "staff", room.box / drafts.FOLDER]
    assert all(files_with(one, room.marker) for one in private)
    assert files_with(room.box, room.marker, private) == []
    assert Library(room.box).search(room.marker, "fr") == []
    assert room.marker not in caplog.text


def test_no_page_that_links_lead_to_and_nothing_to_take_home_has_it(room):
    app = create_app(room.box, settings(languages=["fr", "en"], port=8080, lesson_port=8081))
    origins = {
        PAGES: Client(with_mirror(app, room.box / "mirror", lambda: False)),
        LESSONS: Client(lesson_app(room.box, 8080, ("fr", "en"))),
    }
    waiting = [
        f"{PAGES}/", f"{PAGES}/fr/recherche/?q={room.marker}", f"{PAGES}/fr/classe/{room.code}/",
        f"{PAGES}/class/{room.code}/now.json",
    ]  # fmt: skip
    waiting += [f"{PAGES}/fr/lecon/{room.address(room.slug)}{end}/" for end in ("", "--staff")]
    shelf = room.box / "mirror"
    for path in shelf.rglob("*"):
        place = path.relative_to(shelf).as_posix()
        waiting += [
            f"{PAGES}/m/{place}",
            f"{PAGES}/m/{place.removeprefix('staff/')}",
            f"{LESSONS}/c/{path.name}/x.md",
        ]
    seen: set[str] = set()
    kinds = set()
    while waiting:
        address = waiting.pop().partition("#")[0]
        origin = "/".join(address.split("/", 3)[:3])
        if address in seen or origin not in origins or "q=" in address.partition("?")[2] * bool(seen):
            continue
        seen.add(address)
        answer = origins[origin].get(address[len(origin) :] or "/", base_url=origin)
        data = answer.get_data()
        answer.close()
        assert not has(
            data.replace(room.marker.encode(), b"") if "recherche" in address else data, room.marker
        ), address
        kinds.add(urlsplit(address).path.rpartition(".")[2] if "." in urlsplit(address).path else "page")
        if place := answer.headers.get("Location"):
            waiting.append(urljoin(address, place))
        if "html" in answer.headers.get("Content-Type", "") or "json" in address:
            text = gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data
            waiting += [
                urljoin(address, one.replace("&amp;", "&"))
                for one in _LINK.findall(text.decode("utf-8", "replace"))
            ]
    assert {"page", "zip", "css", "js"} <= kinds
    assert f"{PAGES}/take/{room.code}/week.zip" in seen
    assert sum("/take/" in one for one in seen) >= 2
    assert len(seen) > 60


def test_no_courier_no_neighbour_no_stick_and_no_site_for_home_has_it(room, tmp_path):
    mirror, out = room.box / "mirror", tmp_path / "out"
    calls = [
        ["courier", "export", "--data", str(room.box), "--to", str(out / "courier")],
        ["site", "export", str(mirror), str(out / "site"), "--data", str(room.box), "--class", room.code],
        ["site", "export", str(mirror), str(out / "stick"), "--data", str(room.box), "--class", room.code, "--portable"],
    ]  # fmt: skip
    for call in calls:
        assert run(call) == 0, call
    assert files_with(out, "La lune"), "its lesson travels"
    assert files_with(out, room.marker) == []
    follower = Follower(tmp_path / "follower", room.own().id)
    assert follower.look(room.source(), room.now) == {room.slug: 1}
    assert files_with(tmp_path / "follower", room.marker) == []
    assert listed(mirror, room.own().prefix)[f"{room.slug}--staff"], "there is something to keep back"
