"""A teacher at a served box: a draft is given, pupils read it, it goes home with the class; and the server's own words hold nothing secret."""

from __future__ import annotations

import http.client
import io
import re
import time
import zipfile
from urllib.parse import urlencode

from edubox.box.school import classes
from edubox.box.school.database import SchoolFile
from edubox.box.setup import init
from edubox.box.teacher import drafts
from tests.box.desk_client import PASSWORD, person
from tests.cli.country import free_port, serving
from tests.sync.country import Country

PATIENCE = 120
MARKER = "xyzzy-corrigé"


class Browser:
    """What a person does with a browser on the box's own computer; *port* has the pages."""

    def __init__(self, port) -> None:
        self._port, self._cookie, self._token = port, "", ""

    def ask(self, method, address, **fields):
        link = http.client.HTTPConnection("127.0.0.1", self._port, timeout=30)
        headers = {"Cookie": self._cookie, "Host": f"localhost:{self._port}"}
        if method == "POST":
            headers |= {
                "Origin": f"http://localhost:{self._port}",
                "Content-Type": "application/x-www-form-urlencoded",
            }
        body = urlencode(fields | {"csrf": self._token}, doseq=True) if method == "POST" else None
        link.request(method, address, body, headers)
        answer = link.getresponse()
        data = answer.read()
        link.close()
        if given := answer.headers["Set-Cookie"]:
            self._cookie = given.partition(";")[0]
        if found := re.search(rb'name="csrf" content="([^"]+)"', data):
            self._token = found[1].decode()
        return answer, data

    def page(self, address):
        answer, data = self.ask("GET", address)
        assert answer.status == 200, (address, answer.status)
        return data.decode()

    def press(self, address, **fields):
        """Send a form; where it leads."""
        answer, data = self.ask("POST", address, **fields)
        assert answer.status == 303, (address, answer.status, data)
        return answer.headers["Location"]

    def wait(self, address, words):
        """The page at *address*, once it says *words*."""
        deadline = time.monotonic() + PATIENCE
        while words not in (text := self.page(address)):
            assert time.monotonic() < deadline, text
            time.sleep(0.1)
        return text


def test_a_lesson_from_a_draft_to_the_class_and_home_through_a_real_server(tmp_path):
    data = tmp_path / "box"
    init(data, Country(tmp_path / "country").root, [], [], {"reserve_mb": 0, "announce": False})
    ada = person(data, "teacher", "Ada").person
    draft = drafts.create(data, ada, "La lune").id
    for name, text, staff in (
        ("lire.md", "# La lune\n\nElle tourne.", False),
        ("réponses.txt", MARKER, True),
    ):
        source = data / "staging" / "one"
        source.write_text(text)
        drafts.add_file(data, draft, name, source, staff=staff)
    port = free_port()
    ports = (
        "--port",
        port,
        "--lesson-port",
        free_port(),
        "--desk-port",
        free_port(),
        "--listen",
        "127.0.0.1",
    )
    with serving("box", "serve", "--data", data, *ports, port=port) as server:
        desk, pupil = Browser(port), Browser(port)
        desk.press("/bureau/entrer/", name="Ada", password=PASSWORD)
        give = f"/bureau/drafts/{draft}/give/?lang=en"
        assert 'name="new-class"' in desk.page(give)
        lesson = desk.press(give, **{"new-class": "6e B"})
        assert "Version 1" in desk.wait(lesson, "Pupils read it.")
        (made,) = classes.every(SchoolFile(data))
        assert (made.name, made.owner) == ("6e B", ada.id)
        assert "La lune" in pupil.page(f"/fr/classe/{made.code}/")
        closing = f"/bureau/classes/{made.code}/fermeture/?lang=en"
        back = re.search('name="back" type="date" value="([0-9-]+)"', desk.page(closing))[1]
        desk.press(closing, lesson=made_lesson(data), back=back, text="")
        desk.wait(closing, "Ready.")
        answer, taken = pupil.ask("GET", f"/take/{made.code}/week.zip")
        assert answer.status == 200
        with zipfile.ZipFile(io.BytesIO(taken)) as whole:
            inside = {name: whole.read(name) for name in whole.namelist()}
        assert any(b"Elle tourne." in one for one in inside.values())
        assert not any(MARKER.encode() in one for one in inside.values())
        assert pupil.ask("GET", lesson)[0].status == 303, "who has not come in is led to the door"
        server.terminate()
        said = server.stderr.read().decode()
        assert MARKER not in said
        assert "Traceback" not in said


def made_lesson(data):
    """The address of the one lesson that the one class has."""
    (shown,) = classes.every(SchoolFile(data))
    return shown.lessons()[0].lesson
