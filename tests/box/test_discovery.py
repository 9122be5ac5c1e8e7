"""The announcement on the network: found by others, and never in the way of a class."""

from __future__ import annotations

import logging
import os
import threading
from ipaddress import IPv4Interface

import pytest
from zeroconf import ServiceStateChange

from edubox.box import alias, discovery
from edubox.box.alias import Alias
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


def test_a_box_says_to_others_what_it_is_and_where_its_mirror_is(monkeypatch):
    from zeroconf import ServiceInfo

    announcement = Announcement(settings(announce=True, port=18080), lambda: "fr")
    told = announcement._for_boxes(["192.168.1.20"], "fr")
    assert told.server == f"{discovery.host_name()}.local."
    other = ServiceInfo(told.type, f"edubox-abcdef.{told.type}", told.port, properties={**told.properties, b"box": b"edubox-abcdef"},
                        parsed_addresses=["192.168.1.20"])  # fmt: skip
    monkeypatch.setattr(discovery, "own_interfaces", lambda: [IPv4Interface("192.168.1.10/24")])
    for info in (told, None, RuntimeError("a packet that breaks the library"), other):
        announcement._heard(Heard(info), told.type, "a name", ServiceStateChange.Added)
    assert announcement.neighbours() == ["http://192.168.1.20:18080/m/"], "the other one, not itself"
    announcement._heard(Heard(told), told.type, "a name", ServiceStateChange.Removed)
    assert announcement.neighbours() == []


class Heard:
    """A network on which one box announced *info*."""

    def __init__(self, info) -> None:
        self.info = info

    def get_service_info(self, *_):
        if isinstance(self.info, Exception):
            raise self.info
        return self.info


def test_the_short_name_is_taken_only_when_nobody_has_it_and_the_lowest_address_keeps_it(monkeypatch):
    from zeroconf import Zeroconf

    monkeypatch.setattr(alias, "NAME", f"edubox-test-of-the-name-{os.getpid()}.local.")
    monkeypatch.setattr(alias, "ASKING", 4000)  # a busy machine answers late
    with Zeroconf(interfaces=["127.0.0.1"]) as one, Zeroconf(interfaces=["127.0.0.1"]) as two:
        first, second = Alias(one, ["192.168.1.10"], 8080), Alias(two, ["192.168.1.9"], 8080)
        first.look()
        second.look()
        assert (first.held, second.held) == (True, False)
        first.look()
        assert first.held, "its own answer is no other box"
        two.register_service(second._service, cooperating_responders=True)  # as if both had asked at once
        second.held = True
        first.look()
        second.look()
        assert (first.held, second.held) == (False, True)
