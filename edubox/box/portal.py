"""The greeting of phones that come into the box's Wi-Fi, and what their systems want to hear afterwards.

A phone in a new network asks its maker's host whether it is online (``edubox.hardware.hotspot.probes``); on the network that
the box makes, that question comes here. The first time it is led to a page that greets and says how to reach the lessons in
a real browser, for the small window that opens by itself keeps nothing and opens no file. Once its reader has gone on,
or has read a page of ours in any browser, the answer is "you are online": else the phone would leave the Wi-Fi, or send
what is for the box over its mobile line.

A phone whose network told it where to ask (RFC 8910) asks there by HTTPS instead (RFC 8908), and hears the same: it is held until it was
greeted. Only a box with a certificate that phones know has such a place (``edubox.box.secure.known``).

Who was greeted is remembered by address, in memory, for a school day, and written nowhere. Requests for other hosts are not
touched; a box that makes no network has no portal.
"""

from __future__ import annotations

import json
import time

from flask import Flask, Response, abort, request

from edubox.box.origins import host
from edubox.box.secure.known import API, GREETING, ONWARD, by_https
from edubox.box.site import Site
from edubox.hardware.hotspot import state
from edubox.hardware.hotspot.probes import PROBES
from edubox.pages import greeting

#: Where the button of the greeting leads.
GREETED = f"{GREETING}online/"
#: Seconds for which a device needs no greeting; how many are remembered, twice as many as there are addresses.
A_DAY, MOST = 8 * 3600, 512


class Devices:
    """The addresses that were greeted, the last one last."""

    def __init__(self) -> None:
        self._greeted: dict[str, float] = {}

    def greet(self, address: str) -> None:
        """Remember *address* from now on."""
        self._greeted.pop(address, None)
        self._greeted[address] = time.monotonic()
        while len(self._greeted) > MOST:
            self._greeted.pop(next(iter(self._greeted), ""), None)

    def knows(self, address: str) -> bool:
        """Whether *address* was greeted today."""
        when = self._greeted.get(address)
        return when is not None and time.monotonic() - when < A_DAY


def portal_pages(app: Flask, site: Site) -> None:
    """Add the greeting to *app*, and the answers to probes."""
    devices = Devices()

    @app.before_request
    def probed() -> Response | None:
        where, who = host(request.environ) or "", _who()
        paths = PROBES.get(where)
        if paths is None:
            if request.path.split("/")[1] in site.languages and where:
                devices.greet(who)
            return None
        network = state.read()
        if network is None or not network.address:
            return None
        online = paths.get(request.path)
        if online is None or not devices.knows(who):
            return _to(f"http://{network.address}{GREETING}")
        return Response(online.body, online.status, content_type=online.media_type)

    @app.get(GREETING)
    def welcome() -> Response:
        return _page(done=False)

    @app.get(GREETED)
    def gone_on() -> Response:
        devices.greet(_who())
        return _page(done=True)

    @app.get(API)
    def held() -> Response:
        name = site.settings["certificate_name"]
        # Asked for by another name, or where anybody could have changed the answer on its way: not what RFC 8908 speaks of.
        if not name or not request.is_secure or host(request.environ) != name:
            abort(404)
        network, who = state.read(), _who()
        said: dict[str, object] = {"captive": False}  # who comes by another network is held by nobody
        if network is not None and network.has(who):
            said = {
                "captive": not devices.knows(who),
                "user-portal-url": by_https(site.settings, GREETING),
                "venue-info-url": by_https(site.settings, ONWARD),
            }
        return Response(json.dumps(said), mimetype="application/captive+json")

    @app.get(ONWARD)
    def lessons() -> Response:
        return _to(_lessons())

    def _page(*, done: bool) -> Response:
        frame = site.bare_frame(site.spoken())
        answer = Response(greeting.page(frame, _lessons(), GREETED, done=done), mimetype="text/html")
        answer.headers["Vary"] = "Accept-Language"
        return answer


def _lessons() -> str:
    """The address to type."""
    network = state.read()
    return f"http://{network.address}/" if network and network.address else request.host_url


def _who() -> str:
    """The address of who asks; a socket for both kinds of addresses writes the older kind within the newer."""
    said = request.remote_addr or ""
    return said.removeprefix("::ffff:")


def _to(address: str) -> Response:
    answer = Response(status=302)
    answer.autocorrect_location_header = False
    answer.headers["Location"] = address
    return answer
