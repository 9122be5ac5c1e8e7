"""A served box under attack: somebody who listens, who has stolen a cookie, who sends forms for others, who guesses.

What each page does for whom is in ``test_desk_routes``; here a real process is asked over its real ports.
"""

from __future__ import annotations

import base64
import contextlib
import http.client
import re
import socket
import time
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlencode

import pytest

from edubox.box.accounts import first, people
from edubox.box.accounts.guard import COOKIE, PLAIN_COOKIE
from edubox.box.accounts.person import ADMIN, TEACHER
from edubox.box.accounts.sessions import csrf_of
from edubox.box.school.database import SchoolFile
from edubox.box.secure import certificate
from tests.box.desk_client import PASSWORD, person
from tests.box.school import School, page
from tests.cli.country import free_port, serving
from tests.store.test_tls import ANYBODY, recorded

#: Loopback addresses of people in one school.
TEACHERS_ROOM, ATTACKER, LIBRARY = "127.0.0.2", "127.0.0.3", "127.0.0.4"
FORM = "application/x-www-form-urlencoded"


class Box(NamedTuple):
    data: Path
    pages: int
    lessons: int
    desk: int
    lesson: str
    pid: int = 0


class Answer(NamedTuple):
    status: int
    headers: http.client.HTTPMessage
    body: bytes


class Browser:
    """One connection to the port of the desk, or by *plain* HTTP to another; it keeps its cookie."""

    def __init__(self, port: int, *, plain: bool = False, source: str = TEACHERS_ROOM, host: str = "box.localhost") -> None:  # fmt: skip
        kind, more = (
            (http.client.HTTPConnection, {}) if plain else (http.client.HTTPSConnection, {"context": ANYBODY})
        )
        self._connection = kind("127.0.0.1", port, timeout=30, source_address=(source, 0), **more)
        self.host, self.cookie = f"{host}:{port}", ""
        self.origin = f"{'http' if plain else 'https'}://{self.host}"

    def ask(self, method: str, path: str, body: bytes | None = None, **headers: str) -> Answer:
        """One request; a header that is empty is not sent."""
        told = {"Host": self.host, "Accept-Language": "en"}
        told |= {"Cookie": f"{COOKIE}={self.cookie}"} if self.cookie else {}
        told |= {name.replace("_", "-"): value for name, value in headers.items()}
        self._connection.request(method, path, body, {name: value for name, value in told.items() if value})
        answer = self._connection.getresponse()
        found = Answer(answer.status, answer.headers, answer.read())
        if given := re.match(rf"{COOKIE}=([^;]*);", found.headers.get("Set-Cookie", "")):
            self.cookie = given[1]
        return found

    def post(self, path: str, headers: dict[str, str] | None = None, **fields: str) -> Answer:
        """A form, as a page of the desk sends it."""
        told = {"Origin": self.origin, "Content_Type": FORM} | (headers or {})
        return self.ask("POST", path, urlencode(fields).encode(), **told)

    def send(self, path: str, **fields: str) -> Answer:
        """A form, with the token of the session."""
        return self.post(path, csrf=csrf_of(self.cookie), **fields)

    def come_in(self, name: str = "Ada", password: str = PASSWORD) -> Answer:
        return self.post("/bureau/entrer/", name=name, password=password)

    def is_in(self) -> bool:
        return self.ask("GET", "/bureau/arriving/").status == 200


def thief_of(browser: Browser, port: int, **how) -> Browser:
    """Somebody who has got the cookie of *browser*."""
    thief = Browser(port, source=ATTACKER, **how)
    thief.cookie = browser.cookie
    return thief


def prepared(folder: Path) -> Box:
    school = School(folder / "box")
    lesson = school.add("x", {"index.html": page("Volcans")}, title="Les volcans")
    certificate.make(school.data / "keys")
    (school.data / "box.toml").write_text("announce = false\n", "utf-8")
    person(school.data, ADMIN, "Ada")
    person(school.data, TEACHER, "Grace")
    return Box(school.data, free_port(), free_port(), free_port(), lesson)


@contextlib.contextmanager
def served(box: Box):
    with serving("box", "serve", "--data", box.data, "--port", box.pages, "--lesson-port", box.lessons, "--desk-port", box.desk,
                 "--listen", "127.0.0.1", port=box.pages) as child:  # fmt: skip
        yield box._replace(pid=child.pid)


@pytest.fixture(scope="module")
def box(tmp_path_factory):
    with served(prepared(tmp_path_factory.mktemp("attacked"))) as running:
        yield running


@pytest.fixture
def ada(box):
    browser = Browser(box.desk)
    assert browser.come_in().status == 303
    return browser


def test_who_listens_hears_neither_password_nor_code_nor_cookie_nor_file(box):
    code, film = first.make(box.data), b"the film of class 6B " * 3000
    with recorded(box.desk) as (door, heard):
        marie = Browser(door, source="127.0.0.1")
        assert (
            marie.post("/bureau/premier/", code=code, name="Marie", password="un mot bien long").status == 303
        )
        cookies = [marie.cookie]
        assert marie.send("/bureau/sortir/").status == 303
        assert marie.come_in("Marie", "un mot bien long").status == 303
        cookies.append(marie.cookie)
        tus = {"Origin": marie.origin, "X_Edubox_Csrf": csrf_of(marie.cookie), "Tus_Resumable": "1.0.0"}
        named = "name " + base64.b64encode(b"film.mp4").decode()
        made = marie.ask(
            "POST", "/bureau/televersement/", b"", Upload_Length=str(len(film)), Upload_Metadata=named, **tus
        )
        assert made.status == 201
        sent = marie.ask(
            "PATCH", made.headers["Location"], film, Upload_Offset="0", Content_Type="application/offset+octet-stream", **tus
        )  # fmt: skip
        assert sent.status == 204
        marie._connection.close()
    wire = b"".join(heard)
    assert len(wire) > len(film)
    for secret in (b"un mot bien long", b"un+mot", code.encode(), *(one.encode() for one in cookies), b"class 6B", b"Marie", b"/bureau/"):  # fmt: skip
        assert secret not in wire, secret


def test_over_plain_http_there_is_nothing_to_fill_in_and_a_stolen_cookie_opens_nothing(box, ada):
    for port in (box.pages, box.lessons):
        for path in ("/bureau/", "/bureau/entrer/", "/bureau/premier/", "/bureau/arriving/state.json", "/bureau/classes/", "/fr/"):  # fmt: skip
            without = Browser(port, plain=True).ask("GET", path)
            cookies = f"{COOKIE}={ada.cookie}; {PLAIN_COOKIE}={ada.cookie}"
            found = Browser(port, plain=True, source=ATTACKER).ask("GET", path, Cookie=cookies)
            assert (found.status, found.body) == (without.status, without.body), path
            assert "Set-Cookie" not in found.headers
            if path.startswith("/bureau/"):
                assert not re.search(rb"<(?:form|input|textarea|button)", found.body), path
        assert Browser(port, plain=True).come_in().status in {403, 404, 405}


def test_what_is_given_over_plain_http_from_elsewhere_is_refused_by_its_first_lines(box):
    """The process listens on loopback alone here, so the question is put to what it asks (``gate.unwelcome``)."""
    from edubox.box.secure.gate import unwelcome

    for path in ("/bureau", "/bureau/", "/bureau/entrer/", "/bureau/televersement/x"):
        assert unwelcome("POST", path, "192.168.1.20")
        assert not unwelcome("GET", path, "192.168.1.20")
    with socket.create_connection(("127.0.0.1", box.pages), timeout=20) as wire:
        wire.sendall(b"POST /bureau/entrer/ HTTP/1.1\r\nHost: box.localhost\r\nContent-Length: 3\r\n\r\na=b")
        assert wire.recv(4096).startswith(b"HTTP/1.1 403 ")


def test_a_stolen_cookie_ends_with_its_owner_s_session_and_no_cookie_can_be_planted(box, ada):
    thief = thief_of(ada, box.desk)
    assert thief.is_in(), "whoever has the cookie is its owner, as far as the box can tell"
    twice = f"{COOKIE}={ada.cookie}; {COOKIE}={ada.cookie}"
    assert Browser(box.desk).ask("GET", "/bureau/arriving/", Cookie=twice).status == 303
    assert (
        Browser(box.desk).ask("GET", "/bureau/arriving/", Cookie=f"{PLAIN_COOKIE}={ada.cookie}").status == 303
    )
    planted = ada.cookie
    said = ada.come_in().headers["Set-Cookie"]
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Strict"} <= set(said.split("; "))
    assert ada.cookie != planted
    assert not thief.is_in(), "the planted one ended"
    thief = thief_of(ada, box.desk)
    assert ada.send("/bureau/sortir/").status == 303
    assert not thief.is_in()


def test_a_new_password_ends_stolen_sessions(box, ada):
    grace = Browser(box.desk)
    assert grace.come_in("Grace").status == 303
    thief = thief_of(grace, box.desk)
    school = SchoolFile(box.data)
    account = people.named(school, "Grace")
    people.set_password(school, account.id, account.secret.replace("t=2", "t=3"))
    assert not thief.is_in()
    people.set_password(school, account.id, account.secret)
    assert not thief.is_in(), "what has ended stays so"
    assert ada.is_in()


def test_a_removed_teacher_is_out_at_once_also_in_the_middle_of_a_file(box, ada):
    gone = person(box.data, TEACHER, "Gone")
    leaving = Browser(box.desk)
    assert leaving.come_in("Gone").status == 303
    told = {"Origin": leaving.origin, "X_Edubox_Csrf": csrf_of(leaving.cookie), "Tus_Resumable": "1.0.0"}
    named = "name " + base64.b64encode(b"film.mp4").decode()
    made = leaving.ask(
        "POST", "/bureau/televersement/", b"", Upload_Length="1000", Upload_Metadata=named, **told
    )
    assert made.status == 201
    people.close(SchoolFile(box.data), gone.id, int(time.time()))
    answer = leaving.ask("PATCH", made.headers["Location"], b"x" * 500, Upload_Offset="0",
                         Content_Type="application/offset+octet-stream", **told)  # fmt: skip
    assert answer.status == 401
    there = box.data / "uploads" / made.headers["Location"].rpartition("/")[2] / "data"
    assert not there.exists() or there.stat().st_size == 0
    assert not leaving.is_in()
    assert leaving.come_in("Gone").status in {401, 429}
    assert ada.is_in()


def test_a_restart_ends_every_session(tmp_path):
    box = prepared(tmp_path)
    ada = Browser(box.desk)
    with served(box):
        assert ada.come_in().status == 303
        assert ada.is_in()
    with served(box):
        assert not thief_of(ada, box.desk).is_in()


def raw(port: int, said: str) -> bytes:
    """Everything that the desk answers to bytes no browser would send."""
    with ANYBODY.wrap_socket(socket.create_connection(("127.0.0.1", port), timeout=20)) as wire:
        wire.sendall(said.replace("\n", "\r\n").encode("latin-1"))
        found = b""
        with contextlib.suppress(ConnectionError):
            while data := wire.recv(65536):
                found += data
        return found


#: Headers after the request line, of a form for another class; {origin} {host} {token} are the right ones.
FORGED = {
    "no origin": "Host: {host}\nX-Edubox-Csrf: {token}",
    "no origin known": "Host: {host}\nOrigin: null\nX-Edubox-Csrf: {token}",
    "a lesson's": "Host: {host}\nOrigin: http://box.localhost:{lessons}\nX-Edubox-Csrf: {token}",
    "the pages'": "Host: {host}\nOrigin: http://box.localhost:{pages}\nX-Edubox-Csrf: {token}",
    "two": "Host: {host}\nOrigin: {origin}\nOrigin: https://evil.example\nX-Edubox-Csrf: {token}",
    "a space": "Host: {host}\nOrigin : {origin}\nX-Edubox-Csrf: {token}",
    "underscores": "Host: {host}\nOrigin: {origin}\nX_Edubox_Csrf: {token}",
    "no token": "Host: {host}\nOrigin: {origin}",
    "two tokens": "Host: {host}\nOrigin: {origin}\nX-Edubox-Csrf: x\nX-Edubox-Csrf: {token}",
    "another's host": "Host: evil.example\nOrigin: https://evil.example",
    "two hosts": "Host: evil.example\nHost: {host}\nOrigin: {origin}\nX-Edubox-Csrf: {token}",
    "a host's host": "Host: evil.example@{host}\nOrigin: {origin}\nX-Edubox-Csrf: {token}",
    "forwarded": "Host: {host}\nX-Forwarded-Host: evil.example\nOrigin: https://evil.example\nX-Edubox-Csrf: {token}",
}


@pytest.mark.parametrize("kind", [FORM, "text/plain", "application/json", "multipart/form-data; boundary=x"])
def test_a_form_sent_from_a_lesson_or_by_tricks_with_headers_changes_nothing(box, ada, kind):
    """Lessons are the same site as the desk for browsers that look at names alone, so that no cookie's attribute helps."""
    place = {"host": ada.host, "origin": ada.origin, "token": csrf_of(ada.cookie), "lessons": box.lessons, "pages": box.pages}  # fmt: skip
    for name, headers in FORGED.items():
        end = f"Cookie: {COOKIE}={ada.cookie}\nContent-Type: {kind}\nConnection: close\nContent-Length: 11\n\nname=Forged"
        found = raw(box.desk, f"POST /bureau/classes/ HTTP/1.1\n{headers.format(**place)}\n{end}")
        assert re.match(rb"HTTP/1.[01] 40\d ", found), (name, found[:200])
    assert b"Forged" not in ada.ask("GET", "/bureau/classes/").body


@pytest.mark.parametrize(
    ("path", "size"),
    [
        ("entrer/", 900),
        ("televersement/form", 200_000),
        ("classes/", 9_000_000),
        ("televersement/" + "a" * 26, 900),
    ],
)
def test_a_request_hidden_in_the_body_of_another_is_none(box, ada, path, size):
    """A form of a foreign page may send any text; what is refused before its body came must not be read on as requests."""
    headers = {"Host": ada.host, "Origin": ada.origin, "Cookie": f"{COOKIE}={ada.cookie}", "X-Edubox-Csrf": csrf_of(ada.cookie),
               "Content-Type": FORM, "Content-Length": "11"}  # fmt: skip
    told = "\n".join(f"{name}: {value}" for name, value in headers.items())
    hidden = f"POST /bureau/classes/ HTTP/1.1\n{told}\n\nname=Hidden"
    method = "PATCH" if path.endswith("a") else "POST"
    begin = f"{method} /bureau/{path} HTTP/1.1\nHost: {ada.host}\nContent-Type: text/plain\nContent-Length: {size}\nConnection: close"
    rest = size - len(hidden) - hidden.count("\n") if size < 1000 else 0
    raw(box.desk, f"{begin}\n\n{hidden}{' ' * rest}")
    assert b"Hidden" not in ada.ask("GET", "/bureau/classes/").body
    assert ada.send("/bureau/classes/", name=f"Shown {size}{method}").status == 303, (
        "or nothing would have been seen"
    )
    assert f"Shown {size}{method}".encode() in ada.ask("GET", "/bureau/classes/").body


def test_nobody_is_let_in_as_somebody_else_by_a_foreign_page(box):
    """Whoever made others come in as themselves would read what those write."""
    victim = Browser(box.desk)
    for origin in ("", "null", f"http://box.localhost:{box.lessons}", "https://evil.example"):
        for path in ("/bureau/entrer/", "/bureau/premier/", "/bureau/invitation/", "/bureau/secours/"):
            answer = victim.post(path, {"Origin": origin}, name="Ada", password=PASSWORD, code="x")
            assert answer.status == 403
            assert "Set-Cookie" not in answer.headers


def test_a_name_that_was_turned_to_the_box_gets_the_door_and_nothing_else(box, ada):
    """DNS rebinding: a browser has no cookie for that name, and this computer's own privilege is not its."""
    rebound = Browser(box.desk, host="evil.example")
    assert rebound.ask("GET", "/bureau/classes/").headers["Location"].startswith("/bureau/entrer/")
    plain = Browser(box.pages, plain=True, host="evil.example")
    assert plain.come_in().status == 403
    assert b'type="password"' not in plain.ask("GET", "/bureau/entrer/", X_Forwarded_Proto="https").body


def processor_seconds(pid: int) -> float:
    """What the process *pid* and its children that ended have used."""
    numbers = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
    return sum(map(int, numbers[11:15])) / 100


def peak_mib(pid: int) -> float:
    said = Path(f"/proc/{pid}/status").read_text("ascii")
    return int(re.search(r"VmHWM:\s+(\d+)", said)[1]) / 1024


def test_a_thousand_guesses_cost_little_and_keep_nobody_out_for_more_than_a_minute(box, ada):
    guesser, begin = Browser(box.desk, source=ATTACKER), processor_seconds(box.pid)
    tried = 0
    for number in range(250):
        fields = {"name": "Ada", "password": f"trois petits {number}"}
        answers = [
            guesser.post("/bureau/entrer/", **fields),
            guesser.post("/bureau/premier/", code=f"AAAA-CCCC-{number:04}", **fields),
            guesser.post("/bureau/secours/", code=f"AAAA-CCCC-{number:04}", **fields),
            guesser.post("/bureau/invitation/", code=f"AAAA-CCCC-DDDD-EEEE-{number:04}", **fields),
        ]
        tried += sum(one.status != 429 for one in answers[:3])
        assert not [one for one in answers if "Set-Cookie" in one.headers]
        assert all(int(one.headers.get("Retry-After", 0)) <= 60 for one in answers)
    assert tried <= 5 + 10, "five are free, then each waits longer"
    assert processor_seconds(box.pid) - begin < 40
    assert peak_mib(box.pid) < 130
    assert ada.is_in(), "an open session goes on"
    assert Browser(box.desk).come_in().status == 303, "where she came in before, Ada waits for nobody"
    elsewhere = Browser(box.desk, source=LIBRARY).come_in()
    assert elsewhere.status == 303 or int(elsewhere.headers["Retry-After"]) <= 60
