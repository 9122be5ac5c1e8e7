"""Where each page is: one table of addresses, read in both directions.

Addresses are plain paths that begin with the language, so that the same pages can lie in folders of a static site:
``/fr/niveau/6e/``, ``/fr/lecon/ministry/starter/moon/2/``. A place is the same in every language, which is what
the language switch needs. Everything that arrives here comes from outside; what is not spelled like one of ours is no
place.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlencode

from edubox.errors import BadIdentifier
from edubox.pack.names import check_part

#: Word of a path → what it is called in each language; other languages use English.
_WORDS = {
    "lessons": {"en": "lessons", "fr": "lecons", "es": "lecciones", "pt": "licoes"},
    "level": {"en": "level", "fr": "niveau", "es": "nivel", "pt": "nivel"},
    "subject": {"en": "subject", "fr": "matiere", "es": "materia", "pt": "disciplina"},
    "lesson": {"en": "lesson", "fr": "lecon", "es": "leccion", "pt": "licao"},
    "booklet": {"en": "print", "fr": "imprimer", "es": "imprimir", "pt": "imprimir"},
    "search": {"en": "search", "fr": "recherche", "es": "busqueda", "pt": "pesquisa"},
    "data": {"en": "data", "fr": "donnees", "es": "datos", "pt": "dados"},
    "device": {"en": "my-device", "fr": "mon-appareil", "es": "mi-dispositivo", "pt": "meu-dispositivo"},
    "accessibility": {"en": "accessibility", "fr": "accessibilite", "es": "accesibilidad", "pt": "acessibilidade"},
    "class": {"en": "class", "fr": "classe", "es": "clase", "pt": "turma"},
    "week": {"en": "take-home", "fr": "emporter", "es": "para-casa", "pt": "para-casa"},
    "handin": {"en": "hand-in", "fr": "depot", "es": "entrega", "pt": "entrega"},
    "report": {"en": "report", "fr": "signaler", "es": "avisar", "pt": "avisar"},
    "kind": {"en": "kind", "fr": "genre", "es": "tipo", "pt": "tipo"},
    "length": {"en": "length", "fr": "duree", "es": "duracion", "pt": "duracao"},
    "spoken": {"en": "language", "fr": "langue", "es": "idioma", "pt": "lingua"},
    "order": {"en": "order", "fr": "ordre", "es": "orden", "pt": "ordem"},
    "look": {"en": "look", "fr": "vue", "es": "vista", "pt": "vista"},
}  # fmt: skip
#: What a list may be narrowed to, ordered by or look like, one at a time: each more would multiply the files of a
#: static site.
TRAITS = ("kind", "length", "spoken", "order", "look")
#: Pages below that of a class.
_OF_CLASS = ("week", "booklet")
_MAX_NUMBER = 6
_CODE = re.compile(r"[1-9][0-9]{5}\Z")


@dataclass(frozen=True, slots=True)
class Place:
    """A page.

    *kind*: home, lessons (filtered by *level*, *subject* and a *trait*), lesson, part, search, data, device,
    accessibility, class, handin (the drop-box number *part* of the class *code*), week (what the class *code* takes along
    when the school closes; its booklet is of the same code) or report.
    """

    kind: str
    level: str = ""
    subject: str = ""
    #: Page of a long list, from 1.
    page: int = 1
    #: ``<authority>/<name>/<slug>`` of a lesson.
    address: str = ""
    #: Number of a part, from 1.
    part: int = 0
    #: One of ``TRAITS`` and its value, such as kind and film; or both empty.
    trait: str = ""
    value: str = ""
    #: Six digits of a class; none: where they are typed.
    code: str = ""


HOME = Place("home")


def path(place: Place, language: str) -> str:
    """The address of *place* for readers of *language*."""
    steps: list[str] = [language]
    if place.kind == "lessons":
        if place.level:
            steps += [_word("level", language), place.level]
        if place.subject:
            steps += [_word("subject", language), place.subject]
        if not place.level and not place.subject:
            steps.append(_word("lessons", language))
        if place.trait:
            steps += [_word(place.trait, language), place.value]
        if place.page > 1:
            steps.append(str(place.page))
    elif place.code and place.kind in _OF_CLASS:
        steps += [_word("class", language), place.code, _word(place.kind, language)]
    elif place.kind in {"lesson", "part", "booklet"}:
        steps += [_word("lesson", language), *([place.address] if place.address else [])]
        if place.kind == "part":
            steps.append(str(place.part))
        elif place.kind == "booklet":
            steps.append(_word("booklet", language))
    elif place.kind == "handin":
        steps += [_word("class", language), place.code, _word("handin", language), str(place.part)]
    elif place.kind != "home":
        steps += [_word(place.kind, language), *([place.code] if place.code else [])]
    return "/" + "/".join(steps) + "/"


def own_name(manifest: str) -> str:
    """The label of a lesson's version where each has a name of its own.

    128 bits of its hash: nobody finds a second version of the same name, and a label may have 63 characters, one fewer than
    the whole hash.
    """
    return manifest[:32]


def preview_path(place: Place, language: str, begin: str) -> str:
    """The address of *place* among the pages of a draft's preview, which begin with *begin*; other pages are where they are."""
    if place.kind not in {"lesson", "part"}:
        return path(place, language)
    return f"{begin}/{language}/" + (f"{place.part}/" if place.kind == "part" else "")


def search_path(language: str, query: str, subject: str = "") -> str:
    """The address of the answers to *query*, of one *subject* if it is named."""
    asked = {"q": query} | ({"subject": subject} if subject else {})
    return path(Place("search"), language) + "?" + urlencode(asked)


def parse(text: str, languages: tuple[str, ...]) -> tuple[str, Place] | None:
    """The language and place that the path *text* names, or None."""
    steps = text.split("/")
    # "/fr/" splits into an empty text, the language, and an empty text.
    if len(steps) < 3 or steps[0] or steps[-1] or steps[1] not in languages:
        return None
    place = _place(steps[2:-1], steps[1])
    return None if place is None else (steps[1], place)


def _place(steps: list[str], language: str) -> Place | None:
    if not steps:
        return HOME
    words = {_word(word, language): word for word in _WORDS}
    kind = words.get(steps[0], "")
    if kind in {"search", "data", "device", "accessibility", "report"}:
        return Place(kind) if len(steps) == 1 else None
    if kind == "lesson":
        return _lesson(steps[1:], language)
    if kind == "class":
        return _class(steps[1:], language)
    return _filtered(steps, words)


def _filtered(steps: list[str], words: dict[str, str]) -> Place | None:
    found = {"level": "", "subject": ""}
    if words.get(steps[0]) == "lessons":
        steps = steps[1:]
    else:
        for key in ("level", "subject"):
            if len(steps) >= 2 and words.get(steps[0]) == key and _is_part(steps[1]):
                found[key], steps = steps[1], steps[2:]
        if not any(found.values()):
            return None
    trait = value = ""
    if len(steps) >= 2 and words.get(steps[0]) in TRAITS and _is_part(steps[1]):
        trait, value, steps = words[steps[0]], steps[1], steps[2:]
    page = _page(steps)
    return (
        Place("lessons", found["level"], found["subject"], page, trait=trait, value=value) if page else None
    )


def _lesson(steps: list[str], language: str) -> Place | None:
    if len(steps) not in {3, 4} or not all(_is_part(step) for step in steps[:3]):
        return None
    address = "/".join(steps[:3])
    if len(steps) == 3:
        return Place("lesson", address=address)
    if steps[3] == _word("booklet", language):
        return Place("booklet", address=address)
    number = _number(steps[3])
    return Place("part", address=address, part=number) if number else None


def _class(steps: list[str], language: str) -> Place | None:
    if not steps:
        return Place("class")
    if len(steps) == 3 and steps[1] == _word("handin", language) and _CODE.match(steps[0]):
        number = _number(steps[2])
        return Place("handin", code=steps[0], part=number) if number else None
    if len(steps) == 2 and _CODE.match(steps[0]):
        return next(
            (Place(one, code=steps[0]) for one in _OF_CLASS if steps[1] == _word(one, language)), None
        )
    return Place("class", code=steps[0]) if len(steps) == 1 and _CODE.match(steps[0]) else None


def _page(steps: list[str]) -> int:
    """The page of a list; 0 if *steps* are none. The first page has no number in its address."""
    if not steps:
        return 1
    number = _number(steps[0]) if len(steps) == 1 else 0
    return number if number > 1 else 0


def _number(step: str) -> int:
    plain = step.isascii() and step.isdigit() and len(step) <= _MAX_NUMBER and not step.startswith("0")
    return int(step) if plain else 0


def _is_part(step: str) -> bool:
    try:
        check_part(step)
    except BadIdentifier:
        return False
    return True


def _word(word: str, language: str) -> str:
    return _WORDS[word].get(language, _WORDS[word]["en"])
