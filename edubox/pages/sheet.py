"""The school sheet: one printed page with what nobody must have to ask for on a bad day.

Every sentence stands there in two languages, the school's first one and another one: the paper is read by whoever opens the
drawer. The same content is a page of the desk and, with its style inside, a file that any computer prints.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from markupsafe import Markup

from edubox.pages import amounts, desk, render
from edubox.pages.desk import Desk
from edubox.pages.model import Frame
from edubox.pages.tongues import Tongue
from edubox.pages.words import direction, translations

_STYLE = Path(__file__).parent / "sheet.css"
#: Languages that fit beside each other on a page.
_COLUMNS = 2


@dataclass(frozen=True, slots=True)
class Sheet:
    """What is printed. *code* is the recovery code, None once it was printed; *mark* names the school's own lessons."""

    school: str
    #: Address of the pages for everybody, and for the person in charge.
    pages: str
    desk: str
    code: str | None
    mark: str
    #: When it was printed, seconds since 1970.
    day: int
    #: What browsers show of the certificate of the desk, in groups; empty before there is one.
    fingerprint: str = ""
    #: The one-time code of the first administrator, until it is used.
    first: str = ""
    #: The network that the box makes, and its password; empty if it makes none, or an open one.
    wifi: str = ""
    wifi_password: str = ""

    @property
    def entry(self) -> str:
        """What a phone's camera opens: the desk, by the one-time code while there is one."""
        return f"{self.desk}premier/{self.first}/" if self.first else self.desk


def page(
    frame: Frame, around: Desk, sheet: Sheet, poster: bool = False, carries: tuple[int, int] = (0, 0)
) -> str:
    """The sheet as a page of the desk; with a *poster* to fetch, and how many devices a small radio carries."""
    return desk.page(
        frame,
        around,
        "sheet.html",
        paper=sheet,
        poster=poster,
        carries=carries,
        columns=_columns(sheet, frame.languages, frame.country.tongues),
        qr=qr,
    )


def alone(sheet: Sheet, languages: tuple[str, ...]) -> str:
    """The sheet as a file that needs no other."""
    return render.piece(
        "sheet_alone.html", languages[0], paper=sheet, columns=_columns(sheet, languages, {}), qr=qr,
        style=Markup(style()), language=languages[0],  # noqa: S704 - a file of ours
    )  # fmt: skip


@cache
def style() -> str:
    """The stylesheet of the sheet, beside that of all pages."""
    return _STYLE.read_text("utf-8")


def _columns(sheet: Sheet, languages: tuple[str, ...], tongues: Mapping[str, Tongue]) -> list[dict[str, Any]]:
    """What to say, once for each language: its code, its direction, and the texts as HTML."""
    both = tuple(dict.fromkeys((*languages, "fr", "en")))[:_COLUMNS]
    return [
        {
            "language": language, "direction": direction(language, tongues),
            "said": render.words_of("sheet_words.html", language, tongues),
            "day": amounts.day(sheet.day, translations(language, tongues.get(language))),
        }
        for language in both
    ]  # fmt: skip


def qr(address: str) -> Markup:
    """*address* for a phone's camera, as inline SVG."""
    import segno

    out = io.BytesIO()
    segno.make(address, error="m").save(
        out, kind="svg", xmldecl=False, svgns=True, border=0, omitsize=True, svgclass="qr", lineclass=None
    )
    return Markup(out.getvalue().decode("utf-8"))  # noqa: S704 - squares, made here
