"""The page of text: pure, from facts to at most 24 lines of 79 characters. French first, English beside.

The first sentence is that of the page for the person in charge, by the same catalogues.
"""

from __future__ import annotations

from datetime import UTC, datetime

from edubox.box.console.facts import Facts
from edubox.box.console.plain import HEIGHT, WIDTH, labelled, plain, wrapped
from edubox.pages.state import summary
from edubox.pages.words import translations

#: What is typed, besides Enter.
OFF, AGAIN, PASSWORD, CODE, REPORT, MORE, LEAVE = "1", "2", "3", "4", "5", "6", "0"
_MENU = {
    OFF: "Éteindre / Switch off",
    AGAIN: "Redémarrer / Restart",
    PASSWORD: "Mot de passe du Wi-Fi / Wi-Fi password",
    CODE: "Code du premier administrateur / First administrator's code",
    REPORT: "Rapport technique sur la clé / Technical report to the stick",
    MORE: "En détail (en anglais) / In detail",
    LEAVE: "Quitter / Leave",
}
CHOOSE = "Un chiffre, puis Entrée / A number, then Enter: "
SURE = "Écrire OUI, puis Entrée / Type YES, then Enter: "
YES = frozenset({"oui", "yes"})
BACK = "Entrée : retour / Enter: back "
LOOKING = "Un instant... / One moment..."
OFF_SAID = (
    "Le boîtier s'éteint. Attendre que sa lampe verte soit éteinte avant de débrancher.",
    "The box switches itself off. Wait until its green light is out before you pull the plug.",
)
AGAIN_SAID = ("Le boîtier redémarre, en deux minutes environ.", "The box starts again, in about two minutes.")
_NOBODY = (
    "La partition des données n'est pas là : le boîtier ne peut rien montrer. Voir STATUS.txt sur la carte.",
    "The data partition is not there: the box has nothing to show. See STATUS.txt on the card.",
)
_NOT_LOOKED = (
    "L'examen prend plus de temps que d'habitude. Appuyer sur Entrée dans une minute.",
    "Looking takes longer than usual. Press Enter in a minute.",
)
#: Findings that are shown in detail, and lines of each.
_FINDINGS, _LINES = 9, 2


def offered(facts: Facts) -> list[str]:
    """What may be typed now."""
    there = {
        OFF: facts.heard, AGAIN: facts.heard, PASSWORD: facts.has_password, CODE: facts.has_code,
        REPORT: facts.there and facts.stick is not None, MORE: bool(facts.checks), LEAVE: True,
    }  # fmt: skip
    return [number for number, is_there in there.items() if is_there]


def page(facts: Facts, *, menu: bool = True) -> list[str]:
    """The lines of the first page, without what asks for a number; without *menu* nobody is asked for one."""
    lines = wrapped(f"{facts.school or 'edubox'} - edubox {facts.version}", 1)
    for sentence in sentences(facts):
        lines += wrapped(sentence, 2)
    if facts.there:
        lines.append("")
    lines += labelled("Lire / Read", facts.pages[:3])
    lines += labelled("Bureau / Desk", [facts.desk] if facts.desk else [])
    lines += labelled("Wi-Fi", [facts.wifi] if facts.wifi else [])
    lines += labelled("Système / System", _systems(facts))
    lines += labelled("Synchronisation", [_when(facts.synchronised)] if facts.there else [])
    lines += labelled("Clé USB / Stick", [str(facts.stick)] if facts.stick else [])
    if menu:
        lines.append("")
        lines += [f" {number}  {_MENU[number]}"[:WIDTH] for number in offered(facts)]
    return lines[: HEIGHT - 2]


def sentences(facts: Facts) -> tuple[str, str]:
    """How the box is, in French and in English."""
    if not facts.there:
        return _NOBODY
    if not facts.checks:
        return _NOT_LOOKED
    french, english = (_sentence(facts, language) for language in ("fr", "en"))
    return french, english


def details(facts: Facts) -> list[str]:
    """What the doctor says of what is not well; of everything if all is."""
    ill = [one for one in facts.checks if one[1] != "good"] or list(facts.checks)
    lines: list[str] = []
    for name, level, says in ill[:_FINDINGS]:
        lines += wrapped(f"{level} - {name}: {says}", _LINES, " " * 4)
    return lines


def secret(label: str, value: str) -> list[str]:
    """A password or a code, to be read off and typed elsewhere."""
    return [label, "", f"    {plain(value)}", ""]


def _sentence(facts: Facts, language: str) -> str:
    words = translations(language)
    message, what = summary(words, facts.checks)
    said = words.gettext(message)
    return said % {"what": what} if "%(what)s" in said else said


def _systems(facts: Facts) -> list[str]:
    if facts.system is None or facts.other is None:
        return []
    return [f"{_system(facts.system)} ({_system(facts.other)})"]


def _system(held: tuple[str, int]) -> str:
    slot, version = held
    return f"{slot.upper()}, version {version or '-'}"


def _when(moment: float) -> str:
    if not 0 < moment < 1 << 33:
        return "pas encore / not yet"
    return f"{datetime.fromtimestamp(moment, UTC):%Y-%m-%d %H:%M} UTC"
