"""``STATUS.txt``: what a technician reads of a box without a screen, on any computer that takes the card.

In French and English, with the line ends and the mark that every Notepad understands. What is wrong comes first, then where the
box is found. No secret stands there that nobody asked for. The text depends on nothing that changes by itself, so that the
FAT partition is written when something has happened and not at each start.
"""

from __future__ import annotations

import codecs
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from edubox.hardware.card.state import APPLIED, DEFAULTS, REFUSED, UNFINISHED, UNKNOWN, CardState

NAME = "STATUS.txt"
_OUTCOMES = {
    "fr": {
        APPLIED: "Le fichier edubox.toml a été appliqué.",
        DEFAULTS: "PAS ENCORE CONFIGURÉ : rien d’applicable n’a été demandé. Le boîtier fonctionne avec ses réglages de départ.",
        REFUSED: "NON APPLIQUÉ : edubox.toml contient des erreurs. Rien n’en a été appliqué ; le boîtier continue avec ce qu’il avait.",
        UNFINISHED: "INACHEVÉ : tout n’a pas pu être fait. Un nouvel essai aura lieu au prochain démarrage.",
        UNKNOWN: "NON CONFIGURÉ : la carte n’a pas pu être préparée.",
    },
    "en": {
        APPLIED: "The file edubox.toml was applied.",
        DEFAULTS: "NOT PROVISIONED YET: nothing that can be done was asked for. The box works as it comes.",
        REFUSED: "NOT APPLIED: the file edubox.toml has mistakes. Nothing of it was applied; the box goes on with what it had.",
        UNFINISHED: "UNFINISHED: not everything could be done. It is tried again at the next start.",
        UNKNOWN: "NOT PROVISIONED: the card could not be prepared.",
    },
}
_WORDS = {
    "fr": {
        "title": "FRANÇAIS", "school": "École", "todo": "À FAIRE", "notes": "À SAVOIR", "when": "Appliqué le", "clock": "heure du boîtier",
        "name": "Nom sur le réseau", "addresses": "Adresses pour lire", "none": "aucune pour l’instant", "wifi": "Wi-Fi",
        "open": "ouvert, sans mot de passe", "password": "mot de passe",
        "sheet": "mot de passe : sur la fiche de l’école, au bureau ; ou ajoutez show_password = true sous [wifi] dans edubox.toml",
        "no-wifi": "pas de réseau Wi-Fi", "code": "Code à usage unique du premier administrateur",
        "no-code": "Code du premier administrateur : ajoutez show_code = true en haut d’edubox.toml pour le lire ici",
        "desk": "Bureau",
        "reset": 'Pour effacer personnes, classes et brouillons (les leçons restent) : reset = "{word}" en haut d’edubox.toml',
    },
    "en": {
        "title": "ENGLISH", "school": "School", "todo": "TO DO", "notes": "TO KNOW", "when": "Applied on", "clock": "by the box's clock",
        "name": "Name on the network", "addresses": "Addresses to read", "none": "none yet", "wifi": "Wi-Fi",
        "open": "open, without a password", "password": "password",
        "sheet": "password: on the school sheet, at the desk; or add show_password = true below [wifi] in edubox.toml",
        "no-wifi": "no Wi-Fi network", "code": "One-time code of the first administrator",
        "no-code": "Code of the first administrator: add show_code = true at the top of edubox.toml to read it here",
        "desk": "Desk",
        "reset": 'To take away people, classes and drafts (lessons stay): reset = "{word}" at the top of edubox.toml',
    },
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Here:
    """What is true of the box now, beside the state of its card."""

    #: The version of the program.
    version: str
    #: Addresses of the pages and of the desk, whole.
    pages: Sequence[str] = ()
    desk: str = ""
    #: The word that a line ``reset`` must say; empty when the box cannot be reset.
    word: str = ""
    #: Only if somebody asked for them: the Wi-Fi's password, the first administrator's code.
    password: str = ""
    code: str = ""
    #: Whether a first administrator is still waited for.
    waits_for_code: bool = False


def render(state: CardState, here: Here) -> bytes:
    """The file: UTF-8 with its mark, CRLF."""
    lines = [f"edubox {here.version} - STATUS.txt", ""]
    for language in ("fr", "en"):
        lines += [*_told(language, state, here), ""]
    return codecs.BOM_UTF8 + "\r\n".join(lines).encode("utf-8")


def _told(language: str, state: CardState, here: Here) -> list[str]:
    words, colon = _WORDS[language], " :" if language == "fr" else ":"
    lines = [words["title"], "=" * len(words["title"]), _OUTCOMES[language][state.outcome]]
    if wrong := state.said(language):
        lines += ["", words["todo"], *(f"- {one}" for one in wrong)]
    if state.notes:
        lines += ["", words["notes"], *(f"- {one[language]}" for one in state.notes)]
    lines.append("")
    if school := state.shown.get("school"):
        lines.append(f"{words['school']}{colon} {school}")
    if state.hostname:
        lines.append(f"{words['name']}{colon} {state.hostname}")
    if state.at:
        when = datetime.fromtimestamp(state.at, UTC)
        lines.append(f"{words['when']} {when:%Y-%m-%d %H:%M} UTC ({words['clock']})")
    if state.outcome != UNKNOWN:
        lines.append(f"{words['addresses']}{colon} {'  '.join(here.pages) or words['none']}")
        lines += [f"{words['desk']}{colon} {here.desk}"] if here.desk else []
        lines.append(f"{words['wifi']}{colon} {_wifi(words, state, here, colon)}")
    if here.waits_for_code:
        lines.append(f"{words['code']}{colon} {here.code}" if here.code else words["no-code"])
    if here.word:
        lines.append(words["reset"].format(word=here.word))
    return lines


def _wifi(words: dict[str, str], state: CardState, here: Here, colon: str) -> str:
    name = state.shown.get("wifi", "")
    if not name:
        return words["no-wifi"]
    if state.shown.get("open"):
        return f"{name} ({words['open']})"
    return (
        f"{name} ({words['password']}{colon} {here.password})"
        if here.password
        else f"{name} ({words['sheet']})"
    )
