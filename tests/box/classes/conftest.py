"""A school with three lessons, a class, and a desk."""

from __future__ import annotations

import pytest

from edubox.box.app import create_app
from edubox.box.school import classes
from edubox.box.school.database import SchoolFile
from edubox.pack.manifest import Item
from tests.box.desk_client import desk_of
from tests.box.school import School, page, settings

HOST = "box.local:8080"


@pytest.fixture
def box(tmp_path):
    box = School(tmp_path / "box")
    toc = (Item("Lire", "html", "i.html"), Item("S’exercer", "html", "b.html"))
    for slug, title in (("volcans", "Les volcans"), ("lune", "La Lune"), ("eau", "Le cycle de l’eau")):
        box.add(slug, {"i.html": page(title), "b.html": page("x")}, title=title, toc=toc, about=["svt"],
                educationalLevel=["sixieme"])  # fmt: skip
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
        self._data, self._client = data, create_app(data, settings(**given)).test_client()
        self.come_in()

    def come_in(self, role="admin", name="Ada"):
        desk_of(self._client, self._data, role, name)

    def get(self, address, **headers):
        return self._client.get(address, headers={"Host": HOST} | headers)

    def post(self, address, origin=f"http://{HOST}", **fields):
        headers = {"Host": HOST} | ({"Origin": origin} if origin else {})
        return self._client.post(address, data=fields, headers=headers)

    def text(self, address):
        return self.get(address).get_data(as_text=True)

    def desk(self, rest=""):
        return self.text(f"/bureau/classes/{rest}")

    def act(self, rest="", **fields):
        """Press a button of the desk; the page that the box leads to then."""
        answer = self.post(f"/bureau/classes/{rest}", **fields)
        assert answer.status_code == 303, answer.status
        return self.text(answer.headers["Location"])


@pytest.fixture
def browser(box):
    return Browser(box.data)
