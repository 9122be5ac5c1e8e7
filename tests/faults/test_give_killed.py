"""A teacher gives a lesson and the plug is pulled: it is published or a draft, never lost, never half, and the button works again.

``EDUBOX_KILLS`` says how often (``make prove-cuts``: 100): half at steps spread over all changes to the disk, half at random
moments. After each the box is looked at as pupils and the teacher's page do, and the same is asked for again.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from edubox.box.accounts.person import TEACHER, Person
from edubox.box.library import Library
from edubox.box.own import identity
from edubox.box.school import classes
from edubox.box.school.database import SchoolFile
from edubox.box.setup import init
from edubox.box.teacher import build, drafts, versions
from edubox.box.teacher.versions import GIVE, Errand
from edubox.pack.manifest import parse
from edubox.store.layout import STAFF, object_path
from tests.sync.country import Country, film, text

KILLS = int(os.environ.get("EDUBOX_KILLS", "4"))
ADA = Person(7, "Ada Sow", TEACHER)
FILES = {f"page-{number}.html": text(number, 3000) for number in range(6)} | {"film.mp4": film(1, 600_000)}
ANSWERS = b"42, because of the moon"


class School:
    """A box with a draft that Ada asked to give to a class, as it was before the first child began."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.data, self.before = folder, folder / "box", folder / "before"
        init(self.data, Country(folder / "country").root, [], [], {"reserve_mb": 0})
        self.file = SchoolFile(self.data)
        self.code = classes.make(self.file, "6e B")
        self.draft = drafts.create(self.data, ADA, "La lune").id
        for name, data in FILES.items():
            self.put(name, data)
        self.put("corrige.txt", ANSWERS, staff=True)
        self.slug = versions.reserve(self.file, "La lune", self.draft, ADA)
        versions.ask(
            self.file, self.slug, Errand(GIVE, ADA.id, ADA.name, self.draft, (self.code,), "Première")
        )
        self.data.rename(self.before)
        self.set_back()

    def put(self, name, data, *, staff=False):
        source = self.data / "staging" / "one"
        source.write_bytes(data)
        drafts.add_file(self.data, self.draft, name, source, staff=staff)

    def set_back(self):
        subprocess.run(["rm", "-rf", str(self.data)], check=True)
        subprocess.run(["cp", "-a", str(self.before), str(self.data)], check=True)

    def start(self, step=0):
        line = [sys.executable, "-m", "tests.faults.killed", str(step), str(self.folder / "count")]
        line += ["box", "give", self.slug, "--data", str(self.data), "--json"]
        return subprocess.Popen(line, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)

    def lesson(self):
        return Library(self.data).lesson(f"{identity.read(self.data).id}/{self.slug}")

    def check(self, *, done=False):
        """Raise unless it is a draft that can be given, or a lesson that is whole; whether pupils read it."""
        draft = drafts.read(self.data, self.draft)
        assert (draft.title, sorted(drafts.paths(drafts.folder(self.data, self.draft) / "files"))) == (
            "La lune",
            sorted(FILES),
        )
        lesson, known = self.lesson(), versions.of_slug(self.file, self.slug)
        given = classes.of_code(self.file, self.code).lessons()
        assert len(given) <= 1
        if lesson is not None:
            tree = self.data / "site" / lesson.manifest
            assert all((tree / name).read_bytes() == data for name, data in FILES.items())
        else:
            assert given == [], "the class has no lesson that is not there"
        if known.errand is None or done:
            assert known.errand is None
            assert lesson is not None
            assert [(one.version, one.note) for one in versions.editions(self.file, self.slug)] == [
                (1, "Première")
            ]
            assert len(given) == 1
            shelf = self.data / "mirror" / STAFF
            listed = parse((shelf / object_path(known.staff)).read_bytes()).files
            assert ANSWERS in [(shelf / object_path(one.sha256)).read_bytes() for one in listed]
        return lesson is not None

    def finish(self):
        """Press the button again, if the page still offers it."""
        if versions.of_slug(self.file, self.slug).errand is not None:
            child = self.start()
            assert child.wait(120) == 0, child.stderr.read()
        self.check(done=True)


@pytest.fixture(scope="module")
def school(tmp_path_factory):
    return School(tmp_path_factory.mktemp("school"))


def test_killed_at_any_change_of_the_disk_it_is_a_draft_or_a_lesson_and_the_button_works_again(school):
    school.finish()
    # How often it tells how far it is depends on the hour: the last steps of one time are not there another time.
    steps = int((school.folder / "count").read_text()) - 12
    assert steps > 30
    read = set()
    chosen = [1 + number * (steps - 1) // max(KILLS // 2 - 1, 1) for number in range(max(KILLS // 2, 2))]
    for step in chosen:
        school.set_back()
        assert school.start(step).wait(120) == -signal.SIGKILL
        read.add(school.check())
        school.finish()
    assert False in read, "some were killed before pupils could read"


def test_killed_at_random_moments_again_and_again_it_is_done_in_the_end(school):
    chance = random.Random(5)
    school.set_back()
    began = time.monotonic()
    school.finish()
    whole = time.monotonic() - began
    school.set_back()
    for _ in range(KILLS - KILLS // 2):
        child = school.start()
        time.sleep(chance.uniform(0.3, 1) * whole)
        child.kill()
        child.wait(10)
        if school.check() and versions.of_slug(school.file, school.slug).errand is None:
            school.set_back()
    school.finish()
    assert build.is_current(school.data, drafts.read(school.data, school.draft))
