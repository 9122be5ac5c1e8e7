"""The announcement on the network: found by others, and never in the way of a class."""

from __future__ import annotations

import logging
import threading

import pytest

from edubox.box import discovery
from edubox.box.discovery import Announcement
from tests.box.school import settings


def test_a_box_is_found_by_its_service(monkeypatch):
    from zeroconf import ServiceBrowser, Zeroconf

    monkeypatch.setattr(discovery, "own_addresses", lambda: ["127.0.0.1"])
    name, found = discovery.host_name(), threading.Event()

    class Listener:
        def add_service(self, zeroconf, kind, service):
            facts = zeroconf.get_service_info(kind, service)
            if (
                service.startswith(name)
                and facts
                and facts.server == f"{name}.local."
                and facts.port == 18080
            ):
                found.set()

        update_service = remove_service = add_service

    announcement = Announcement(settings(announce=True, port=18080))
    announcement.begin()
    try:
        with Zeroconf(interfaces=["127.0.0.1"]) as zeroconf:
            ServiceBrowser(zeroconf, "_edubox._tcp.local.", Listener())
            assert found.wait(30)
    finally:
        announcement.end()


@pytest.mark.parametrize("chosen", [{"announce": False}, {"announce": True, "listen": "127.0.0.1"}])
def test_who_is_not_to_be_found_is_not_announced(chosen):
    announcement = Announcement(settings(**chosen))
    announcement.begin()
    assert not announcement._thread.is_alive()
    announcement.end()


def test_what_goes_wrong_is_one_line_in_the_log(monkeypatch, caplog):
    monkeypatch.setattr(discovery, "own_addresses", lambda: 1 / 0)
    announcement = Announcement(settings(announce=True))
    with caplog.at_level(logging.WARNING):
        announcement.begin()
        announcement._thread.join(30)
    announcement.end()
    assert "not announced" in caplog.text
    assert "Traceback" not in caplog.text
