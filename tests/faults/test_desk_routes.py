"""Every page of the desk, as the application itself lists them, asked by those whom it is not for.

A page that is added is asked too, without a word here, unless it is to be for somebody who is no teacher: that is said in
PUBLIC or STOOD_IN as well as where it is made.
"""

from __future__ import annotations

import hashlib
import re
import sqlite3

import pytest

from edubox.box.accounts import guard
from edubox.box.accounts.person import ADMIN, ANYBODY, SUBSTITUTE, TEACHER, may
from edubox.box.accounts.sessions import csrf_of
from edubox.box.app import create_app
from edubox.box.school import classes
from edubox.box.school.database import SchoolFile
from edubox.box.teacher import drafts
from tests.box.accounts.conftest import ORIGIN, Browser
from tests.box.desk_client import PASSWORD, person
from tests.box.school import School, page, settings

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
#: What who has not come in may ask for, below the desk's address, and what a substitute may.
PUBLIC = {
    "/entrer/", "/premier/", "/premier/<code>/", "/secours/", "/invitation/", "/invitation/<code>/",
}  # fmt: skip
STOOD_IN = {
    "/sortir/", "/remplacement/", "/notes/<authority>/<name>/<slug>/", "/notes/<authority>/<name>/<slug>/file/<path:wanted>",
}  # fmt: skip
#: Words that are nowhere but on the desk.
CLASS, DRAFT = "Zébulon-6B", "Brouillon-Zanzibar"


class Desk:
    """A box with something on its desk, and its pages: (method, address, who may)."""

    def __init__(self, folder) -> None:
        box = School(folder / "box")
        box.add("volcans", {"index.html": page("Volcans")}, title="Les volcans")
        self.data, self.school = box.data, SchoolFile(box.data)
        ada = person(self.data, ADMIN, "Ada")
        person(self.data, TEACHER, "Grace")
        self.number = classes.make(self.school, CLASS, "", ada.id)
        self.draft = drafts.create(self.data, ada.person, DRAFT)
        self.app = create_app(self.data, settings())
        self.rules = [rule for rule in self.app.url_map.iter_rules() if rule.endpoint.startswith("desk.")]

    def needed(self, rule) -> str:
        return getattr(self.app.view_functions[rule.endpoint], "needs", TEACHER)

    def address(self, rule) -> str:
        known = {"number": "1" if "int:number" in rule.rule else str(self.number), "ident": self.draft.id}
        return re.sub(r"<(?:\w+:)?(\w+)>", lambda found: known.get(found[1], "1"), rule.rule)

    def asked(self):
        for rule in self.rules:
            for method in METHODS:
                if method in rule.methods:
                    yield method, self.address(rule), self.needed(rule)

    def changed(self, before: dict[str, str]) -> set[str]:
        """What is not as it was, by its path."""
        now = self.state()
        return {name for name in before | now if before.get(name) != now.get(name)}

    def state(self) -> dict[str, str]:
        """Everything that is on the disk; of the database, what its tables say."""
        found = {
            path.relative_to(self.data).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(self.data.rglob("*"))
            if path.is_file()
            and not path.name.startswith("school.db")
            and not path.name.endswith(("-shm", "-wal"))
        }
        db = sqlite3.connect(self.data / "school.db")
        found["school.db"] = "\n".join(
            line for line in db.iterdump() if '"journal"' not in line and "sqlite_sequence" not in line
        )
        db.close()
        return found

    def browser(self, name: str) -> Browser:
        browser = Browser(self.app)
        assert browser.come_in(name, PASSWORD).status_code == 303
        return browser


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    return Desk(tmp_path_factory.mktemp("routes"))


def ask(browser, method, address, **headers):
    """Everything right but who asks: where it comes from, and the token of whichever session there is."""
    body = (
        {"action": "delete", "name": "Changed", "title": "Changed"}
        if method in {"POST", "PUT", "PATCH"}
        else None
    )
    return browser._ask(method, address, {"Origin": ORIGIN, "Tus-Resumable": "1.0.0"} | headers, data=body)


def test_only_the_pages_named_here_are_for_others_than_teachers(desk):
    found = {role: {rule.rule.removeprefix("/bureau") for rule in desk.rules if desk.needed(rule) == role} for role in (ANYBODY, SUBSTITUTE)}  # fmt: skip
    assert found == {ANYBODY: PUBLIC, SUBSTITUTE: STOOD_IN}
    assert len(desk.rules) > 60


def test_who_has_not_come_in_gets_no_byte_and_changes_nothing(desk):
    before, stranger = desk.state(), Browser(desk.app)
    for method, address, needed in desk.asked():
        if needed == ANYBODY:
            continue
        answer = ask(stranger, method, address)
        assert answer.status_code in ({303} if method in {"GET", "HEAD"} else {401}) | {401}, (
            method,
            address,
        )
        assert answer.data in {b"", b"Log in first.\n"}, (method, address)
        assert "Set-Cookie" not in answer.headers
        assert "Allow" not in answer.headers, "not even what could be asked"
    assert not desk.changed(before)


def test_by_plain_http_every_page_is_the_one_that_explains(desk):
    token = desk.browser("Ada").cookie(guard.COOKIE).value
    before, plain = desk.state(), Browser(desk.app, "http://box.local:8080")
    plain.set_cookie(guard.COOKIE, token)
    plain.set_cookie(guard.PLAIN_COOKIE, token)
    for method, address, _ in desk.asked():
        answer = ask(plain, method, address, Origin="http://box.local:8080")
        if method in {"GET", "HEAD", "OPTIONS"}:
            assert answer.status_code == 200
            assert not re.search("<(?:form|input|textarea|button)", answer.text), address
        else:
            assert (answer.status_code, answer.data) == (403, b"Not by this way.\n"), (method, address)
        assert CLASS not in answer.text
        assert DRAFT not in answer.text
    assert not desk.changed(before)


@pytest.mark.parametrize("role", [SUBSTITUTE, TEACHER])
def test_nobody_reaches_what_is_for_somebody_who_may_more(desk, role):
    if role == SUBSTITUTE:
        account = person(desk.data, TEACHER, "Sub")
        browser = desk.browser("Sub")
        desk.school.write(
            lambda db: db.execute("UPDATE person SET role = ? WHERE id = ?", (role, account.id))
        )
    else:
        browser = desk.browser("Grace")
    token = csrf_of(browser.cookie(guard.COOKIE).value)
    before, refused = desk.state(), 0
    for method, address, needed in desk.asked():
        if may(role, needed):
            continue
        answer = ask(browser, method, address, **{guard.HEADER: token})
        assert answer.status_code == 403, (method, address)
        assert CLASS not in answer.text
        assert DRAFT not in answer.text
        refused += 1
    assert refused >= 8
    assert not desk.changed(before)


def test_reading_any_page_changes_nothing_and_no_browser_keeps_or_frames_it(desk):
    """Back after logging out on a shared computer shows nothing; no other origin reads a page or puts it in a frame."""
    ada, seen = desk.browser("Ada"), 0
    before = desk.state()
    for rule in desk.rules:
        if "GET" not in rule.methods:
            continue
        answer = ada.get(desk.address(rule))
        headers = answer.headers
        assert "no-store" in headers["Cache-Control"], rule.rule
        assert headers["X-Frame-Options"] == "DENY"
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert re.search("form-action 'self'|^sandbox;", headers["Content-Security-Policy"])
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert not [name for name in dict(headers) if name.startswith("Access-Control")]
        seen += answer.status_code == 200
        answer.close()
    assert seen > 20
    assert not desk.changed(before)


def test_without_the_token_or_from_elsewhere_no_page_takes_anything(desk):
    ada = desk.browser("Ada")
    before = desk.state()
    token = csrf_of(ada.cookie(guard.COOKIE).value)
    forged = (
        {}, {guard.HEADER: "x"}, {guard.HEADER: token, "Origin": "null"}, {guard.HEADER: token, "Origin": ""},
        {guard.HEADER: token, "Origin": "http://box.local:8081"}, {guard.HEADER: token, "Origin": "https://box.local:8444"},
    )  # fmt: skip
    for method, address, needed in desk.asked():
        if method in guard.READING or needed == ANYBODY:
            continue
        for headers in forged:
            assert ask(ada, method, address, **headers).status_code == 403, (method, address, headers)
    assert not desk.changed(before)
