"""A school whose teachers give lessons: drafts of plain files, and the work that a child would do, done here."""

from __future__ import annotations

from pathlib import Path

from edubox.box.accounts.person import TEACHER, Person
from edubox.box.catalog import Catalogue
from edubox.box.library import Library
from edubox.box.school import classes
from edubox.box.school.database import SchoolFile
from edubox.box.teacher import drafts, versions
from edubox.box.teacher.give import carry_out
from edubox.box.teacher.versions import AGAIN, GIVE, WITHDRAW, Errand
from edubox.settings import load_settings
from edubox.sync.job import synchronise
from edubox.sync.opening import open_sources
from tests.box.own.school import COMPUTER, School
from tests.sync.country import Progress

ADA = Person(7, "Ada Sow", TEACHER)


class Staffroom(School):
    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.code_on_paper = self.code
        self.file = SchoolFile(self.box)
        self.code = classes.make(self.file, "6e B")

    def draft(self, title="La lune", words="La lune", staff="") -> str:
        """A draft of Ada's: a page, and a note for teachers if *staff* says something."""
        ident = drafts.create(self.box, ADA, title).id
        self.put(ident, "lire.html", f"<!doctype html><html lang=fr><title>L</title><h1>{words}</h1>")
        if staff:
            self.put(ident, "corrigé.md", staff, staff=True)
            self.put(ident, "page.html", f"<script>alert(1)</script>{staff}", staff=True)
        return ident

    def put(self, ident, name, text, *, staff=False) -> None:
        """Put a file into the draft, in the place of one that has the name."""
        top = drafts.folder(self.box, ident) / ("staff" if staff else "files")
        (top / name).unlink(missing_ok=True)
        source = self.box / "staging" / "one"
        source.write_text(text)
        drafts.add_file(self.box, ident, name, source, staff=staff)

    def ask(self, ident, *codes, note="", opens="") -> str:
        """Write down that the draft is to be given; its slug."""
        slug = versions.reserve(self.file, drafts.read(self.box, ident).title, ident, ADA)
        versions.ask(self.file, slug, Errand(GIVE, ADA.id, ADA.name, ident, codes, note, opens))
        return slug

    def work(self, slug) -> int:
        self.later(minutes=1)
        settings = load_settings(self.box / "box.toml")
        return carry_out(self.box, settings, slug, machine=COMPUTER, system=self.now)

    def give(self, ident, *codes, **said) -> str:
        slug = self.ask(ident, *codes, **said)
        self.work(slug)
        return slug

    def again(self, slug, version) -> int:
        versions.ask(self.file, slug, Errand(AGAIN, ADA.id, ADA.name, version=version))
        return self.work(slug)

    def withdraw(self, slug) -> int:
        versions.ask(self.file, slug, Errand(WITHDRAW, ADA.id, ADA.name))
        return self.work(slug)

    def synchronise(self) -> None:
        """Hear what the country says."""
        source = open_sources(str(self.folder / "country" / "mirror"))
        settings = load_settings(self.box / "box.toml")
        synchronise(self.box, source, settings, Catalogue(self.box), Progress(), self.now)

    def address(self, slug) -> str:
        return f"{self.own().id}/{slug}"

    def read(self, slug) -> str:
        """The words of the page that pupils open, empty if they see no such lesson."""
        lesson = Library(self.box).lesson(self.address(slug))
        if lesson is None:
            return ""
        page = self.box / "site" / lesson.manifest / lesson.openable()[0].path
        return page.read_text().partition("<h1>")[2].partition("<")[0]

    def given(self) -> list[tuple[str, str]]:
        """Address and day of opening of what the class has."""
        return [(one.lesson, one.opens) for one in classes.of_code(self.file, self.code).lessons()]

    def own_lesson(self, slug):
        return versions.of_slug(self.file, slug)

    def reads_titles(self) -> list[str]:
        """What the whole school finds."""
        return [card.title for card in Library(self.box).cards()]
