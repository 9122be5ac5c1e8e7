"""A school with three lessons, a class, and a desk."""

from __future__ import annotations

import pytest

from edubox.box.app import create_app
from edubox.box.school import classes
from edubox.box.school.database import SchoolFile
from edubox.pack.manifest import Item
from tests.box.school import School, page, settings

DESK = "abcdefghijklmnopqrstuvwxyz"
HOST = "box.local:8080"


@pytest.fixture
def box(tmp_path):
    box = School(tmp_path / "box")
    toc = (Item("Lire", "html", "i.html"), Item("S’exercer", "html", "b.html"))
    for slug, title in (("volcans", "Les volcans"), ("lune", "La Lune"), ("eau", "Le cycle de l’eau")):
        box.add(slug, {"i.html": page(title), "b.html": page("x")}, title=title, toc=toc, about=["svt"],
                educationalLevel=["sixieme"])  # fmt: skip
    (box.data / "keys" / "desk").write_text(DESK)
    return box


@pytest.fixture
def file(box):
    return SchoolFile(box.data)


@pytest.fixture
def code(file):
    return classes.make(file, "6e <B>", "sixieme")


class Browser:
    """The box's pages, as a browser in the school asks for them."""

    def __init__(self, data, **given) -> None:
        self._client = create_app(data, settings(**given)).test_client()

    def get(self, address, **headers):
        return self._client.get(address, headers={"Host": HOST} | headers)

    def post(self, address, origin=f"http://{HOST}", **fields):
        headers = {"Host": HOST} | ({"Origin": origin} if origin else {})
        return self._client.post(address, data=fields, headers=headers)

    def text(self, address):
        return self.get(address).get_data(as_text=True)

    def desk(self, rest=""):
        return self.text(f"/b/{DESK}/classes/{rest}")

    def act(self, rest="", **fields):
        """Press a button of the desk; the page that the box leads to then."""
        answer = self.post(f"/b/{DESK}/classes/{rest}", **fields)
        assert answer.status_code == 303, answer.status
        return self.text(answer.headers["Location"])


@pytest.fixture
def browser(box):
    return Browser(box.data)
