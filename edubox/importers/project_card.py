"""Projects of programs that a box does not have (GeoGebra, Scratch): a page says honestly what each is, shows its picture and
offers the file, and the search finds what it names.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from pathlib import PurePosixPath
from urllib.parse import quote

from edubox.importers.rendering import page
from edubox.importers.workshop import Imported, Workshop

#: Names of one project that its page lists.
MAX_NAMES = 200
_WORDS = {
    "en": {"opens": "This file opens with {program}, where it is installed.", "get": "Download {name} ({size} kB)", "holds": "In it"},
    "fr": {"opens": "Ce fichier s’ouvre avec {program}, là où il est installé.", "get": "Télécharger {name} ({size} ko)", "holds": "On y trouve"},
    "es": {"opens": "Este archivo se abre con {program}, donde esté instalado.", "get": "Descargar {name} ({size} kB)", "holds": "Contiene"},
    "pt": {"opens": "Este ficheiro abre-se com {program}, onde estiver instalado.", "get": "Descarregar {name} ({size} kB)", "holds": "Contém"},
    "ar": {"opens": "يُفتح هذا الملف ببرنامج {program} حيث يكون مثبّتًا.", "get": "تنزيل {name} ({size} كيلوبايت)", "holds": "فيه"},
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Project:
    """What a file of *program* says of itself: a *title*, a *text*, the *names* in it, a *picture* and its extension."""

    program: str
    title: str
    text: str = ""
    names: tuple[str, ...] = ()
    picture: bytes | None = None
    kind: str = "png"


def card(path: str, project: Project, workshop: Workshop) -> Imported:
    """The page of the *project* in the file *path*, which stays beside it."""
    words = _WORDS.get(workshop.language.partition("-")[0].lower(), _WORDS["en"])
    name = workshop.given[path].rpartition("/")[2]
    shown = workshop.beside(path, ".html")
    here = quote(PurePosixPath(path).name)
    body = [f"<h1>{escape(project.title)}</h1>"]
    picture = None
    if project.picture is not None:
        picture = workshop.add(f"{path}.{project.kind}", project.picture)
        body.append(f'<p><img src="{quote(PurePosixPath(picture).name)}" alt=""></p>')
    if project.text:
        body.append(f"<p>{escape(project.text)}</p>")
    size = -(-workshop.files[path].size // 1000)
    body.append(f"<p>{escape(words['opens'].format(program=project.program))}</p>")
    body.append(f'<p><a href="{here}" download>{escape(words["get"].format(name=name, size=size))}</a></p>')
    if names := list(dict.fromkeys(project.names))[:MAX_NAMES]:
        body.append(f"<p>{escape(words['holds'])}: {escape(', '.join(names))}</p>")
    workshop.make(shown, page(project.title, workshop.language, "\n".join(body) + "\n"))
    uses = frozenset({path, *([picture] if picture else [])})
    return Imported("html", shown, project.title, alternatives=(path,), uses=uses, cover=picture)
