"""What teachers and administrators read under ``/bureau/``: plain data in, HTML out, like every page.

The box fills ``Desk`` (which page, under which address) and what the page shows. The page of the lessons on their way
moves while it is looked at: ``desk.js`` asks for ``moving`` every two seconds and puts its texts into the page; when
``version`` is another, something besides these texts has changed and it takes the page again. Without the script the
browser takes the page again by itself.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import Any

from markupsafe import Markup

from edubox.pages import amounts, render, upload_words
from edubox.pages.addresses import HOME
from edubox.pages.model import Frame
from edubox.pages.news import News
from edubox.pages.verdict import verdict
from edubox.pages.words import translations

#: Lessons of the list; a person reads no more.
LISTED = 50
#: Characters of a title among the moving texts.
_TITLE = 200
#: Seconds between two looks of a browser without scripts, while something moves and while nothing does.
_SOON, _LATER = 10, 60


def _(message: str) -> str:
    """Mark a message for the catalogues; it is translated where it is used."""
    return message


#: From whom something came, by kind of source, nearest to what a person saw.
KINDS = {
    "hub": _("by internet"), "neighbour": _("from the box next door"), "stick": _("with a stick"),
    "courier": _("with a phone"), "folder": _("from a folder of this computer"),
}  # fmt: skip
#: The levels of the technician's check, in words.
LEVELS = {"good": _("good"), "note": _("to know"), "warning": _("to do"), "broken": _("broken")}


@dataclass(frozen=True, slots=True)
class Desk:
    """Around every page of the desk. *here* is the room of the page: ``home``, ``given``, ``classes``, ``carry``, ``arriving``,
    ``state``, ``people``, ``sheet`` or ``journal``.
    """

    #: ``/bureau``
    base: str
    here: str
    #: ``?lang=en`` when the reader chose a language, else empty.
    query: str = ""
    #: Who has come in, empty at the door, and their role: ``admin``, ``teacher`` or ``substitute``.
    name: str = ""
    role: str = ""
    #: What forms and scripts send back to show that they are ours.
    csrf: str = ""

    def at(self, rest: str = "") -> str:
        """The address of the desk's page *rest* (``carry/``), in the reader's language."""
        return f"{self.base}/{rest}{self.query}"


def page(frame: Frame, desk: Desk, template: str, **shown: Any) -> str:
    """The page that *template*, an heir of ``desk.html``, makes of what is *shown*."""
    words = frame.words
    return render.fill(
        frame, template, HOME, desk=desk, ago=lambda seconds: amounts.ago(seconds, words), about=lambda seconds: amounts.about(seconds, words),
        hour=lambda moment, now: amounts.hour(moment, now, words), csrf=lambda: _hidden(desk.csrf),
        upload_words=lambda: upload_words.said(words), **shown,
    )  # fmt: skip


def _hidden(token: str) -> Markup:
    return Markup('<input type="hidden" name="csrf" value="{}">').format(token)


def lessons(frame: Frame, desk: Desk, news: News) -> str:
    """The page of the lessons on their way."""
    # What has arrived is worth seeing while the rest does.
    wanted = sorted(
        (one for one in news.coming if news.running or one.state != "ready"),
        key=lambda one: (one.state == "ready", not one.urgent),
    )
    return page(
        frame, desk, "desk_lessons.html", news=news, verdict=verdict(news), moving=moving(frame, news), kinds=KINDS,
        coming=wanted[:LISTED], more=len(wanted[LISTED:]),
        refresh=_SOON if news.running or news.waits == "soon" else _LATER,
    )  # fmt: skip


def moving(frame: Frame, news: News) -> dict[str, Any]:
    """What changes while it is looked at: ``texts`` by the id of their element, ``share`` in thousandths, ``version``."""
    words = frame.words
    texts = {"line": amounts.size(news.line, words), "near": amounts.size(news.near, words)}
    if news.running:
        texts["what"] = news.what[:_TITLE] or words.gettext(_("Looking for what is new…"))
        texts["amount"] = "" if not news.total else words.gettext(_("%(done)s of %(all)s")) % {
            "done": amounts.size(news.done, words), "all": amounts.size(news.total, words),
        }  # fmt: skip
        texts["left"] = amounts.about(news.left, words)
    share = 1000 * min(news.done, news.total) // news.total if news.total else None
    return {"texts": texts, "share": share, "version": _version(frame, news)}


def _version(frame: Frame, news: News) -> str:
    """Another one whenever the page differs in more than its moving texts."""
    still = (
        frame.language, verdict(news), news.running, bool(news.total), news.waits, news.until, news.code, news.said,
        news.lessons, news.controls, news.success, sorted(news.brought), amounts.size(news.free, translations("en")),
        [replace(one, done=0) for one in news.coming[:LISTED]], len(news.coming), news.waiting,
    )  # fmt: skip
    return _hash(repr(still))


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]
