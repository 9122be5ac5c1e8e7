"""A school in which every kind of page and every state of one is open somewhere: what a browser is led through."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import quote, unquote

from edubox.box.school import classes, reports
from edubox.box.school.database import SchoolFile
from edubox.pack.manifest import Item
from edubox.pages import desk, render
from edubox.pages.assets import asset
from edubox.pages.country import Country
from edubox.pages.lost import Lost
from edubox.pages.model import Frame
from edubox.pages.player import players
from edubox.pages.stylesheet import stylesheet
from tests.box.school import School, page, serving
from tests.browser.conftest import DRAWING, PDF
from tests.browser.containers import activity, book, exercise
from tests.pages.desk_states import DESK, FRAME, STATES

LANGUAGES = ["fr", "en", "ar", "es", "pt"]
LESSON = "ministry/test/tout"
#: What a part shows → its number. The last ones are there only with players.
PARTS = {
    "page": 1,
    "pdf": 2,
    "picture": 3,
    "video": 4,
    "audio": 5,
    "file": 6,
    "waiting": 7,
    "h5p": 8,
    "scorm": 9,
    "epub": 10,
}
_ITEMS = (
    Item("Lire", "html", "index.html"), Item("La fiche", "pdf", "fiche.pdf"), Item("Le dessin", "image", "dessin.svg"),
    Item("Le film", "video", "film.webm", alternatives=("film.vtt",)), Item("Le son", "audio", "son.ogg"),
    Item("Le tableur", "file", "tableur.ods"), Item("Demain", "video", "demain.mp4"),
)  # fmt: skip


@dataclass
class Everything:
    """Origins, and the addresses of all pages by what they are."""

    pages: str
    lessons: str
    code: str
    school: School
    file: SchoolFile
    addresses: dict[str, str] = field(default_factory=dict)
    #: The same of the first page of the desk, as a box may stand.
    states: dict[str, str] = field(default_factory=dict)


@contextlib.contextmanager
def everything(folder: Path) -> Iterator[Everything]:
    """All of it, in the new folder *folder*, for as long as the context lasts."""
    school = School(folder / "box")
    opened = [exercise(), activity("1.2", "zip.d/"), book()]
    files = {
        "index.html": page("L’éruption", "<p id=first>La lave sort.</p>"), "fiche.pdf": PDF, "dessin.svg": DRAWING, "film.webm": b"x",
        "film.vtt": b"WEBVTT\n\n00:00.000 --> 00:09.000\nVoici.\n", "son.ogg": b"y", "tableur.ods": b"z" * 5000, "demain.mp4": b"t" * 5000,
    }  # fmt: skip
    school.add(
        "tout", files | {name: data for made, _ in opened for name, data in made.items()}, title="Les volcans de la Terre",
        toc=(*_ITEMS, *(item for _, item in opened)), absent=("demain.mp4",), about=["svt"], educationalLevel=["sixieme"],
        description="Pourquoi la Terre gronde. " * 5, timeRequired="PT45M", creator=[{"name": "A. Auteur"}], license="CC BY 4.0",
    )  # fmt: skip
    for number in range(30):
        subject = ("maths", "svt", "histoire")[number % 3]
        school.add(f"l{number}", {"i.html": page("x")}, title=f"Une leçon numéro {number}", about=[subject],
                   educationalLevel=["sixieme", "cinquieme"], description="De quoi lire un moment. " * 4)  # fmt: skip
    school.add("moon", {"i.html": page("x")}, title="The Moon", language="en")
    file = SchoolFile(school.data)
    code = classes.make(file, "6e B", "sixieme")
    with (
        serving(school.data, role="admin", languages=LANGUAGES) as (pages, lessons),
        _showing(_OTHERS | _DESKS) as shown,
    ):
        found = Everything(pages, lessons, code, school, file)
        lead = f"/fr/lecon/{LESSON}/"
        found.addresses = {
            "home": "/fr/", "list": "/fr/lecons/", "second page of a list": "/fr/lecons/2/",
            "list of a level and a subject": "/fr/niveau/sixieme/matiere/maths/",
            "ordered list": "/fr/lecons/ordre/title/", "list with pictures": "/fr/lecons/vue/pictures/",
            "subjects with pictures": "/fr/matiere/svt/vue/pictures/", "search": "/fr/recherche/",
            "answers": "/fr/recherche/?q=lave", "many answers": "/fr/recherche/?q=une",
            "no answer": "/fr/recherche/?q=xylophone", "did you mean": "/fr/recherche/?q=volcnas", "lesson": lead,
            "lesson in another language": "/fr/lecon/ministry/test/moon/", "booklet": f"{lead}imprimer/",
            "class code": "/fr/classe/", "wrong class code": "/fr/classe/111111/", "class": f"/fr/classe/{code}/",
            "report": f"/fr/signaler/?lesson={LESSON}&part=1", "report of nothing": "/fr/signaler/",
            "report, thanks": f"/fr/signaler/?lesson={LESSON}&said=thanks",
            "report, too many": f"/fr/signaler/?lesson={LESSON}&said=flood", "device": "/fr/mon-appareil/",
            "data": "/fr/donnees/", "accessibility": "/fr/accessibilite/", "not found": "/fr/nulle-part/",
            "lesson not found": "/fr/lecon/ministry/test/touut/", "lessons on their way": "/bureau/arriving/", "classes": "/bureau/classes/",
            "class of the desk": f"/bureau/classes/{code}/", "give": f"/bureau/classes/{code}/give/",
            "give one": f"/bureau/classes/{code}/give/?lesson={LESSON}", "give nothing": f"/bureau/classes/{code}/give/?q=xylophone",
            "delete": f"/bureau/classes/{code}/delete/", "reports": "/bureau/classes/reports/",
            "codes to print": "/bureau/classes/sheet/", "carry": "/bureau/carry/", "sheet": "/bureau/sheet/",
            "closer": "/bureau/boitier/", "levels": "/bureau/boitier/niveaux/", "recovery": "/bureau/secours/",
            "people": "/bureau/personnes/", "person": "/bureau/personnes/1/", "my account": "/bureau/moi/", "leaving": "/bureau/partir/",
            "substitutes": "/bureau/remplacer/", "journal": "/bureau/journal/", "invitation": "/bureau/invitation/",
        }  # fmt: skip
        have = len(PARTS) if not players().missing() else PARTS["waiting"]
        found.addresses |= {
            f"part: {shows}": f"{lead}{number}/" for shows, number in PARTS.items() if number <= have
        }
        found.addresses = {name: pages + address for name, address in found.addresses.items()}
        found.addresses |= {name: f"{shown}/{quote(name)}" for name in _OTHERS}
        found.states = {name: f"{shown}/{quote(name)}" for name in STATES}
        _fill(found)
        yield found


def _fill(found: Everything) -> None:
    """What a teacher has done with the class, and what pupils have reported."""
    given = (
        (LESSON, "Les volcans"),
        ("ministry/test/gone", "Partie"),
        ("ministry/test/l1", "Une"),
        ("ministry/test/l2", "Deux"),
    )
    for lesson, title in given:
        classes.give(found.file, found.code, lesson, title, day=1_790_000_000, note="Pour jeudi")
    withdrawn = classes.of_code(found.file, found.code).given[3].id
    classes.withdraw(found.file, found.code, withdrawn, int(time.time()))
    classes.announce(found.file, found.code, "Musée vendredi", "2099-01-01", "2026-11-25")
    classes.switch_home(found.file, found.code, on=True)
    reports.add(found.file, LESSON, "", "Les volcans", "other", "Le son manque", 1_790_000_000)


def _frame(**changed: object) -> Frame:
    return replace(FRAME, languages=tuple(LANGUAGES), **changed)


#: Pages of boxes in other states than this school's, made when they are asked for.
_OTHERS: dict[str, Callable[[], str]] = {
    "first start": lambda: render.first_start(_frame()),
    "home without lessons": lambda: render.home(_frame(), []),
    "home, lessons arriving": lambda: render.home(_frame(), [], arriving=True),
    "home, old news": lambda: render.home(_frame(stale_days=200), []),
    "error": lambda: render.failed(_frame(lesson_origin="")),
    "withdrawn": lambda: render.missing(_frame(), Lost("volcans", withdrawn=True)),
    "coming": lambda: render.missing(_frame(), Lost("volcans", coming="Les volcans")),
}
_DESKS = {name: lambda news=news: desk.lessons(_frame(), DESK, news) for name, news in STATES.items()}


@contextlib.contextmanager
def _showing(states: dict[str, Callable[[], str]]) -> Iterator[str]:
    """The base address of a server whose paths are the names of *states*."""

    class Shown(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            name = unquote(self.path.strip("/"))
            stem, _, kind = name.rpartition(".")
            if kind == "css":
                said = asset("desk.css").text if stem.startswith("desk-") else stylesheet(Country())
            elif kind == "js":
                said = asset("pupil.js").text if stem.startswith("pupil-") else ""
            else:
                kind, said = "html", states[name]()
            self.send_response(200)
            self.send_header("Content-Type", f"text/{'javascript' if kind == 'js' else kind}; charset=utf-8")
            self.end_headers()
            self.wfile.write(said.encode())

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Shown) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
