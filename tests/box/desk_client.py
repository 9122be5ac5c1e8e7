"""Tests come in to the desk here, as whoever they say, with a real password and a real session."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from edubox.box.accounts import people
from edubox.box.accounts.guard import COOKIE, PLAIN_COOKIE
from edubox.box.accounts.sessions import IDLE, csrf_of
from edubox.box.school.database import SchoolFile

BASE = "/bureau"
PASSWORD = "trois petits chats"
#: What ``passwords.hashed`` made of it once: making it again for every test would take longer than many of them.
SECRET = "$argon2id$v=19$m=19456,t=2,p=1$q89CFaiEguHr2XvEkjBOTw$/qzVLsv/SqcjBdpsN6R+9Q+nUqOCd6zr2/9VQB2m1g4"


def person(data: Path, role: str = "teacher", name: str = "Ada", secret: str = SECRET) -> people.Account:
    """The account of *name* on the box in *data*; made if there is none."""
    school = SchoolFile(data)
    if people.named(school, name) is None:
        school.write(lambda db: people.add(db, name, role, secret, int(time.time())))
    found = people.named(school, name)
    assert found is not None
    assert found.role == role
    return found


def desk_of(client: Any, data: Path, role: str = "admin", name: str = "Ada") -> str:
    """Let the Flask test client *client* in to the desk of the box in *data*; the desk's address, without a slash at its end.

    From now on what it asks of the desk comes by TLS, with the session's cookie; what it sends has the token of the forms.
    """
    app = getattr(client.application, "app", client.application)
    client.application = _Within(app, _come_in(app, data, role, name))
    return BASE


def _come_in(app: Any, data: Path, role: str, name: str) -> str:
    """The cookie of somebody who has just come in."""
    person(data, role, name)
    answer = app.test_client().post(
        f"{BASE}/entrer/", base_url="https://localhost", headers={"Origin": "https://localhost"},
        data={"name": name, "password": PASSWORD},
    )  # fmt: skip
    assert answer.status_code == 303, answer.text
    return str(answer.headers["Set-Cookie"]).partition("=")[2].partition(";")[0]


class Inside:
    """The application *app* on this computer's loopback, where every browser has come in as somebody of *role*."""

    def __init__(self, app: Any, data: Path, role: str) -> None:
        self._app, self._come_in = app, lambda: _come_in(app, data, role, "Ada")
        self._cookie, self._until = "", 0.0

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        if environ["PATH_INFO"].startswith(BASE):
            if (
                time.monotonic() > self._until
            ):  # a browser is led through many pages, and some machines are slow
                self._cookie, self._until = self._come_in(), time.monotonic() + IDLE / 2
            environ["HTTP_COOKIE"] = f"{PLAIN_COOKIE}={self._cookie}"
        return self._app(environ, start_response)


class _Within:
    """The application *app* as somebody sees it who has come in by TLS with *token*."""

    def __init__(self, app: Any, token: str) -> None:
        self.app, self._token = app, token

    def __getattr__(self, name: str) -> Any:
        return getattr(self.app, name)

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        if environ["PATH_INFO"].startswith(BASE):
            plain = f"http://{environ['HTTP_HOST']}"
            environ["wsgi.url_scheme"] = "https"
            environ["HTTP_COOKIE"] = f"{COOKIE}={self._token}"
            environ.setdefault("HTTP_X_EDUBOX_CSRF", csrf_of(self._token))
            if environ.get("HTTP_ORIGIN") == plain:  # as a page of the desk would send it
                environ["HTTP_ORIGIN"] = f"https{plain.removeprefix('http')}"
        return self.app(environ, start_response)
