from __future__ import annotations

from ipaddress import IPv4Address, IPv4Interface

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edubox.box.neighbourhood import MOST, Nearby, Neighbourhood, announced, understand

HERE = [IPv4Interface("192.168.1.10/24"), IPv4Interface("10.42.0.1/16")]
FACTS = {name.encode(): value.encode() for name, value in announced("fr", "edubox-abc").items()}


def test_what_a_box_says_of_itself_is_understood_by_another():
    assert understand(FACTS, ["192.168.1.20"], 8080, HERE) == Nearby("edubox-abc", "fr", "192.168.1.20", 8080)
    assert understand(FACTS, ["172.17.0.2", "10.42.3.4"], 80, HERE).address == "10.42.3.4"


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "8.8.8.8", "0.0.0.0", "255.255.255.255", "224.0.0.251", "192.168.2.20", "192.168.1.10", "192.168.1.255",
     "169.254.1.1", "::1", "nonsense", ""],
)  # fmt: skip
def test_an_address_that_is_not_on_our_own_networks_is_never_asked(address):
    assert understand(FACTS, [address], 8080, HERE) is None
    public = [IPv4Interface("8.8.8.1/24")]
    assert understand(FACTS, ["8.8.8.8"], 8080, public) is None


@pytest.mark.parametrize("port", [None, -1, 0, 22, 443, 1023, 65_536])
def test_a_port_that_no_box_has_is_never_asked(port):
    assert understand(FACTS, ["192.168.1.20"], port, HERE) is None


@pytest.mark.parametrize(
    "change",
    [{b"format": b"2"}, {b"format": None}, {b"box": b""}, {b"box": b"\xff"}, {b"country": b"../x"}, {b"country": b""},
     {b"box": b"x" * 200}],
)  # fmt: skip
def test_facts_that_are_odd_or_of_the_future_are_left_alone(change):
    assert understand(FACTS | change, ["192.168.1.20"], 8080, HERE) is None


@given(
    facts=st.dictionaries(
        st.sampled_from([b"box", b"country", b"format", b"x"]), st.none() | st.binary(max_size=80)
    ),
    addresses=st.lists(st.text(max_size=20) | st.ip_addresses().map(str), max_size=5),
    port=st.none() | st.integers(),
)
def test_nothing_that_is_announced_makes_it_fail(facts, addresses, port):
    found = understand(facts, addresses, port, HERE)
    assert found is None or any(IPv4Address(found.address) in one.network for one in HERE)


def nearby(number, country="fr", box=None):
    return Nearby(box or f"edubox-{number}", country, f"192.168.1.{number}", 8080)


def test_only_boxes_of_this_country_are_asked_and_never_this_one():
    country = ["fr"]
    around = Neighbourhood("edubox-1", lambda: country[0])
    around.heard("a", nearby(2))
    around.heard("b", nearby(3, "be"))
    around.heard("c", nearby(4, box="edubox-1"))
    around.heard("d", None)
    assert around.mirrors() == ["http://192.168.1.2:8080/m/"]
    country[0] = ""
    assert len(around.mirrors()) == 2, "a box that was just made does not know its country's name"
    around.gone("a")
    around.gone("never heard")
    assert around.mirrors() == ["http://192.168.1.3:8080/m/"]
    around.clear()
    assert around.mirrors() == []


def test_a_flood_of_announcements_is_bounded_and_one_address_counts_once():
    around = Neighbourhood("edubox-1", lambda: "fr")
    for number in range(100):
        around.heard(f"same {number}", nearby(7, box=f"b{number}"))
    assert len(around.mirrors()) == 1
    for number in range(100):
        around.heard(f"name {number}", nearby(number + 10))
    assert len(around.mirrors()) == MOST
    around.heard("same 0", Nearby("b0", "fr", "192.168.1.250", 8080))
    assert "http://192.168.1.250:8080/m/" in around.mirrors(), "a box that moved is known by its new address"
