"""A box whose desk somebody may come in to."""

from __future__ import annotations

import pytest

from edubox.box.accounts import first
from edubox.box.app import create_app
from edubox.box.school.database import SchoolFile
from tests.box.school import School, page, settings

HOST = "box.local:8443"
ORIGIN = f"https://{HOST}"


@pytest.fixture
def data(tmp_path):
    box = School(tmp_path / "box")
    box.add("volcans", {"index.html": page("Volcans")}, title="Les volcans")
    first.make_if_needed(box.data, SchoolFile(box.data))
    return box.data


@pytest.fixture
def school(data):
    return SchoolFile(data)


@pytest.fixture
def app(data):
    return create_app(data, settings())


@pytest.fixture
def browser(app):
    """A browser in the school, which came by TLS."""
    return Browser(app)


class Browser:
    """A browser: it keeps its cookies, and sends forms as browsers do."""

    def __init__(self, app, origin=ORIGIN, peer="192.0.2.9") -> None:
        self.origin, self.peer = origin, peer
        self._client = app.test_client()

    def get(self, address, **headers):
        return self._ask("GET", address, headers=headers)

    def post(self, address, headers=None, **fields):
        return self._ask("POST", address, headers={"Origin": self.origin} | (headers or {}), data=fields)

    def send(self, address, **fields):
        """Send a form of the desk, with the token that the page has."""
        return self.post(address, csrf=self.token(), **fields)

    def token(self):
        text = self.get("/bureau/arriving/").text
        return text.partition('name="csrf" content="')[2].partition('"')[0]

    def come_in(self, name, password):
        return self.post("/bureau/entrer/", name=name, password=password)

    def is_in(self):
        return self.get("/bureau/arriving/").status_code == 200

    def cookie(self, name):
        return self._client.get_cookie(name, self.origin.partition("//")[2].partition(":")[0], "/")

    def set_cookie(self, name, value):
        self._client.set_cookie(name, value, domain=self.origin.partition("//")[2].partition(":")[0])

    def _ask(self, method, address, headers, **more):
        return self._client.open(
            address, method=method, base_url=self.origin, headers={"Accept-Language": "en"} | headers,
            environ_overrides={"REMOTE_ADDR": self.peer}, **more,
        )  # fmt: skip
