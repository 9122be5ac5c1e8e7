"""The desk's page of the school sheet: to print, and then to let the box forget the recovery code."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Blueprint, Response, abort, request

from edubox.box.accounts.guard import needs
from edubox.box.accounts.person import ADMIN
from edubox.box.desk import see, surroundings
from edubox.box.discovery import own_addresses
from edubox.box.origins import origin
from edubox.box.own import identity
from edubox.box.own.sheet import sheet
from edubox.box.site import Site
from edubox.errors import NotFound, NotTrusted
from edubox.hardware.hotspot import state
from edubox.hardware.hotspot.radio import A_CLASS
from edubox.pages import poster
from edubox.pages import sheet as pages

_HERE = "sheet"
#: Names under which only this computer finds itself: no use on paper.
_ONLY_HERE = {"127.0.0.1", "localhost", "::1"}


def sheet_pages(desk: Blueprint, site: Site) -> None:
    """Add the page to *desk*."""

    @desk.get("/sheet/")
    @needs(ADMIN)
    def school_sheet() -> str:
        frame, here = surroundings(site, _HERE)
        try:
            return pages.page(frame, here, sheet(site.data, site.settings, reached_at(site)), *_wifi())
        except (NotFound, NotTrusted):  # the doctor says which
            abort(404)

    @desk.get("/sheet/style.css")
    def style() -> Response:
        return Response(pages.style(), content_type="text/css; charset=utf-8")

    @desk.get("/sheet/poster.pdf")
    @needs(ADMIN)
    def wall() -> Response:
        network = state.read()
        if network is None or not network.address:
            abort(404)
        shown = poster.Poster(
            site.settings["name"], f"http://{network.address}/", network.wifi, network.password
        )
        return Response(poster.pdf(shown, site.languages), mimetype="application/pdf")

    @desk.post("/sheet/")
    @needs(ADMIN)
    def printed() -> Response:
        if request.form.get("action") != "printed":
            abort(400)
        identity.forget_code(site.data)
        return see(surroundings(site, _HERE)[1].at("sheet/"))


def _wifi() -> tuple[bool, tuple[int, int]]:
    """Whether there is a poster, and how many devices the box's radio carries where that is less than a class."""
    network = state.read()
    if network is None or not network.address:
        return False, (0, 0)
    return True, network.carries if network.wifi and network.carries[1] < A_CLASS else (0, 0)


def reached_at(site: Site) -> str:
    """Where others find the pages of *site*: by the name that this reader used, unless they sit at the box itself."""
    name = urlsplit(request.host_url).hostname or ""
    if name in _ONLY_HERE and (others := own_addresses()):
        name = others[0]
    return origin("http", f"[{name}]" if ":" in name else name, site.settings["port"])
