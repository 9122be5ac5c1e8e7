"""Every address of the desk, asked by people whose business it is not, and by people who only look: nothing changes."""

from __future__ import annotations

import contextlib
import re
import sqlite3
import time
from types import SimpleNamespace

import pytest

from edubox.box.accounts.person import TEACHER, Person
from edubox.box.app import create_app
from edubox.box.school import classes, handins
from edubox.box.school.database import SchoolFile
from edubox.box.teacher import drafts, photos, versions
from edubox.box.teacher.work import Bench
from tests.box.desk_client import desk_of, person
from tests.box.school import School, page, settings

HERE = "http://localhost"
#: Addresses that let anybody in, or out.
_DOORS = ("/bureau/entrer/", "/bureau/sortir/")
#: What buttons of the desk say.
ACTIONS = (
    "", "add", "again", "anew", "announce", "archive", "back", "close", "colleague", "delete", "erase", "erase-all", "give", "hide",
    "home-off", "home-on", "make", "move", "name", "out", "pdf", "put-back", "remove", "remove-staff", "rename", "restore", "save",
    "show", "stop", "up:0", "withdraw",
)  # fmt: skip


@pytest.fixture
def room(tmp_path, monkeypatch):
    """A box on which Ada has one of everything."""
    monkeypatch.setattr(Bench, "start", lambda *_: True)
    school = School(tmp_path / "box")
    school.add("volcans", {"index.html": page("Volcans")}, title="Volcans")
    data, file, one = school.data, SchoolFile(school.data), tmp_path / "one"
    account = person(data, "teacher")
    ada = Person(account.id, account.name, TEACHER)
    code, draft = classes.make(file, "6e B", owner=ada.id), drafts.create(data, ada, "La lune").id
    for name, staff in (("a.html", False), ("b.md", True)):
        one.write_text("x")
        drafts.add_file(data, draft, name, one, staff=staff)
    one.write_text("x")
    photos.add(data, draft, "p.jpg", one)
    handins.open_box(file, code, "Devoir", "", "2099-01-01", "2099-02-01")
    [box] = classes.of_code(file, code).dropboxes
    one.write_bytes(b"%PDF-1.4\n%%EOF")
    handins.take(file, data, code, box, one, "devoir.pdf", "Léa", int(time.time()))
    classes.give(file, code, "ministry/test/volcans", "Volcans", day=1)
    return SimpleNamespace(
        data=data, app=create_app(data, settings()), code=code, draft=draft, handin=handins.listed(file, box)[0].id,
        named={"number": code, "ident": draft, "box": box.id, "slug": versions.reserve(file, "La lune", draft, ada), "wanted": "a.html",
               "photo": photos.listed(drafts.folder(data, draft))[0].id, "authority": "a", "name": "n", "key": "k", "code": "X" * 20, "word": "restart"},
    )  # fmt: skip


def client(room, role, name):
    inside = room.app.test_client()
    desk_of(inside, room.data, role, name)
    return inside


def asked(room):
    """Address, path with its names filled in, and method of everything that can be asked of the desk."""
    for rule in sorted(room.app.url_map.iter_rules(), key=lambda rule: rule.rule):
        if rule.rule.startswith("/bureau/") and rule.rule not in _DOORS:
            named = room.named | ({"ident": room.handin} if "handins" in rule.rule else {})
            path = re.sub(r"<(?:\w+:)?(\w+)>", lambda found, named=named: str(named[found[1]]), rule.rule)
            for method in sorted(rule.methods - {"OPTIONS"}):
                yield rule.rule, path, method


def fields(room, action):
    return {
        "action": action, "path": "a.html", "name": "Pirate", "title": "Pirate", "version": "2", "id": room.handin, "text": "Pirate",
        "lesson": "ministry/test/volcans", "given": "1", "draft": room.draft, "class": room.code, "number": room.code,
        "written": "Pirate", "mark": "", "until": "2099-01-01", "colleague": "2", "sure": "1",
    }  # fmt: skip


def kept(room):
    """All that the box keeps of its people, but for what they did when."""
    with contextlib.closing(sqlite3.connect(room.data / "school.db")) as db:
        tables = [name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        rows = {
            name: db.execute(f"SELECT * FROM {name}").fetchall()
            for name in tables
            if name not in {"journal", "sqlite_sequence"}
        }
    files = (one for top in ("drafts", "handins") for one in (room.data / top).rglob("*"))
    return rows, {one: one.read_bytes() for one in files if one.is_file() and not one.name.startswith(".")}


@pytest.mark.parametrize("role", ["teacher", "substitute"])
def test_what_is_a_colleagues_is_neither_seen_nor_changed(room, role):
    eve = client(room, role, "Eve")
    before = kept(room)
    for rule, path, method in asked(room):
        if not re.search("<(?:number|ident|box|photo)>", rule):
            continue
        for action in ACTIONS if method == "POST" and role == "teacher" else ("",):
            headers = {"Origin": HERE, "Tus-Resumable": "1.0.0"}
            answer = eve.open(
                path,
                method=method,
                base_url=HERE,
                headers=headers,
                data=fields(room, action) if method == "POST" else None,
            )
            assert answer.status_code in {403, 404}, (method, path, action)
    assert kept(room) == before


def test_looking_changes_nothing_whatever_the_address_says(room):
    ada = client(room, "teacher", "Ada")
    before = kept(room)
    for _, path, method in asked(room):
        if method in {"GET", "HEAD"} and "/carry/edubox-list" not in path:
            for action in ("erase-all", "remove"):
                answer = ada.open(path, method=method, base_url=HERE, query_string=fields(room, action))
                assert answer.status_code < 500, (method, path)
    assert kept(room) == before
