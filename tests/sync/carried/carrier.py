"""A stick that goes between a country and a box, in memory, for what is written to it and for pulling it out."""

from __future__ import annotations

import hashlib
import shutil
import subprocess

from edubox.sync.carried.exchange import prepare
from edubox.sync.carried.wants import Want
from tests.sync.carried.fatdisk import contents
from tests.sync.country import PUBLISHER, Box, Country, Progress, film, text

MEDIA = frozenset(["film.mp4"])
OLD = {"index.html": text(1, 6000), "more.html": text(2, 3000), "film.mp4": film(1, 300_000)}
NEW = OLD | {"index.html": text(3, 6000), "film.mp4": film(2, 400_000)}
OTHER = {"index.html": text(4, 4000)}


class Carrier:
    """A country, a stick that carries its lessons, and a box without a line that has imported them once."""

    def __init__(self, folder) -> None:
        self.folder, self.mount = folder, folder / "stick"
        self.country = Country(folder / "country")
        self.country.publish("lune", OLD, MEDIA)
        self.mount.mkdir()
        self.prepare()
        self.box = Box(folder / "box", self.country)
        self.box.sync(self.mount)

    def prepare(self, mount=None, mirror=None):
        return prepare(mount or self.mount, self.country.root, mirror or self.country.mirror, Progress())

    def publish(self):
        self.country.publish("lune", NEW, MEDIA, base="lune")
        self.country.publish("mer", OTHER)

    def copy_of_box(self, name) -> Box:
        copy = object.__new__(Box)
        copy.__dict__ |= self.box.__dict__ | {"data": self.folder / name}
        shutil.rmtree(copy.data, ignore_errors=True)
        subprocess.run(["cp", "-a", str(self.box.data), str(copy.data)], check=True)
        return copy

    def fresh_box(self, name="fresh") -> Box:
        shutil.rmtree(self.folder / name, ignore_errors=True)
        return Box(self.folder / name, self.country)


def check_whole(box):
    """Raise unless each lesson of *box* is one of its versions; returns lesson → version."""
    for address, version in box.lessons().items():
        slug = address.rpartition("/")[2]
        whole = {("lune", 1): OLD, ("lune", 2): NEW, ("mer", 1): OTHER}[slug, version]
        if box.state(slug) == "waiting":
            whole = {path: data for path, data in whole.items() if path not in MEDIA}
        assert {path: data for path, data in box.read(slug).items() if path in whole} == whole
    return {address.rpartition("/")[2]: version for address, version in box.lessons().items()}


def check_healed(folder):
    for path, data in contents(folder / "edubox").items():
        assert not path.endswith(".part")
        if path.startswith(("bundles/", "objects/")):
            assert hashlib.sha256(data).hexdigest() == path.rpartition("/")[2]


def want(have=(), media=(), box="edubox-b", follow=(PUBLISHER,)):
    return Want(box, "École", "2026-11-24", tuple(follow), frozenset(have), frozenset(media))


def written(carrier, kind):
    return {path for path in contents(carrier.mount / "edubox") if path.startswith(kind)}
