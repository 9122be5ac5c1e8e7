"""What is wished of a network is kept as it was, or refused with the field that is wrong; and what is made of it."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Address, IPv4Network

import pytest

from edubox.box.health import Box
from edubox.box.health.radio import check
from edubox.errors import BadInput
from edubox.hardware.hotspot import hostapd, network, networkd, plan, radio, state
from edubox.hardware.hotspot.apply import written
from edubox.hardware.hotspot.dnsmasq import Names
from edubox.hardware.hotspot.ethernet import Cable, Offer
from edubox.hardware.hotspot.network import Network, Wifi

WISH = Network(Wifi(name='École "Été" 😀', password="tgvb-butb-surg"), country="FR")
RADIO = radio.Radio("wlan0", "brcmfmac", ap=True, channels=(1, 6, 11, 36))
ETH = Cable("eth0", connected=True)
OFFER = Offer("02:00:00:00:00:09", IPv4Address("192.168.1.1"), IPv4Network("192.168.1.0/24"))
#: What the bridge of this box has, and what another box says, whose bridge has a higher one.
BRIDGE_MAC = "02:00:00:00:00:02"
OTHER_BOX = Offer("02:00:00:00:00:09", IPv4Address("10.87.3.1"), IPv4Network("10.87.3.0/24"))
PHY = """Wiphy phy0
\tSupported interface modes:
\t\t * managed
\t\t * AP
\tBand 1:
\t\t\t* 2412.0 MHz [1] (20.0 dBm)
\t\t\t* 2437 MHz [6] (20.0 dBm)
\t\t\t* 2467.0 MHz [12] (disabled)
\t\t\t* 5260.0 MHz [52] (20.0 dBm) (radar detection)
\tMaximum associated stations in AP mode: 32
"""


def test_a_wish_comes_back_as_it_was_and_only_root_reads_it(tmp_path):
    path = tmp_path / "network.toml"
    network.write(path, WISH)
    assert network.read(path) == WISH
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("wish", "field"),
    [
        (Network(Wifi()), "wifi.password"),
        (Network(Wifi(password="court")), "wifi.password"),
        (Network(Wifi(password="mot de passe né")), "wifi.password"),
        (Network(Wifi(password="tgvb-butb-surg", open=True)), "wifi.password"),
        (Network(Wifi(name="é" * 17, open=True)), "wifi.name"),
        (Network(Wifi(name="a\nb", open=True)), "wifi.name"),
        (Network(Wifi(open=True, channel=52)), "wifi.channel"),
        (Network(Wifi(open=True), ethernet="router"), "ethernet.role"),
        (Network(Wifi(open=True), country="fr"), "country"),
        (Network(Wifi(open=True), address="192.168.1.1"), "address"),
    ],
)
def test_what_cannot_be_is_refused_with_its_field(tmp_path, wish, field):
    assert [one for one, _ in network.mistakes(wish)] == [field]
    with pytest.raises(BadInput):
        network.write(tmp_path / "n", wish)


def test_a_password_for_a_wall_is_one_that_a_wish_takes():
    assert not list(network.mistakes(replace(WISH, wifi=Wifi(password=network.new_password()))))


def test_the_address_is_another_where_the_schools_network_has_it():
    assert str(network.own_address("10.87.3.1", [IPv4Network("10.87.0.0/16")])) == "10.143.77.1/24"


def test_iw_says_what_a_radio_can(tmp_path):
    (found,) = radio.radios(
        lambda *asked: PHY if asked[0] == "phy" else "phy#0\n\tInterface wlan0\n", tmp_path
    )
    assert (found.interface, found.ap, found.channels, found.limit) == ("wlan0", True, (1, 6), 32)
    assert radio.channel_for(found, 0) == 6
    assert radio.channel_for(found, 12) == 6


@pytest.mark.parametrize(
    ("wished", "connected", "offer", "before", "role"),
    [
        ("auto", True, None, "", "host"),
        ("auto", True, OFFER, "", "guest"),
        ("auto", True, None, "guest", "guest"),  # the router starts again
        ("auto", True, OFFER, "host", "guest"),  # the router was slower than the box
        ("auto", True, replace(OTHER_BOX, mac="02:00:00:00:00:01"), "host", "guest"),
        ("auto", False, None, "guest", "unplugged"),
        ("guest", True, None, "", "guest"),
        ("host", True, OFFER, "", "guest"),
        ("auto", True, OTHER_BOX, "host", "host"),  # the other box gives way
        ("auto", True, OTHER_BOX, "", "guest"),
    ],
)
def test_the_box_serves_a_cable_only_where_nobody_else_does(wished, connected, offer, before, role):
    assert plan.role(wished, replace(ETH, connected=connected), offer, before, BRIDGE_MAC) == role


def test_of_two_boxes_on_one_cable_one_stays_what_it_was_and_the_other_comes_to_it():
    lower, higher = "02:00:00:00:00:05", "fe:00:00:00:00:05"
    stays = plan.decide(
        WISH, [RADIO], [ETH], {"eth0": replace(OTHER_BOX, mac=higher)}, {"eth0": "host"}, [], lower
    )
    assert (stays.cables, str(stays.own), stays.wrong) == ({"eth0": "host"}, "10.87.3.1/24", ())
    comes = plan.decide(
        WISH, [RADIO], [ETH], {"eth0": replace(OTHER_BOX, mac=lower)}, {"eth0": "host"}, [], higher
    )
    assert (comes.cables, str(comes.own)) == ({"eth0": "guest"}, "10.143.77.1/24")
    assert "10.87.3.1 is taken" in comes.wrong[0]


def test_a_box_with_two_sockets_in_one_switch_is_not_another_box():
    sockets, itself = [ETH, replace(ETH, interface="eth1")], replace(OTHER_BOX, mac=BRIDGE_MAC)
    before = {"eth0": "host", "eth1": "host"}
    decided = plan.decide(WISH, [RADIO], sockets, {"eth1": itself}, before, [], BRIDGE_MAC)
    assert (decided.cables, str(decided.own), decided.wrong) == (before, "10.87.3.1/24", ())


def test_wifi_and_an_access_point_on_the_cable_are_one_network(tmp_path):
    decided = plan.decide(WISH, [RADIO], [ETH], {}, {}, [])
    files = written(WISH, decided, Names("edubox-ab12cd"))
    assert b"Bridge=br-edubox" in files["10-edubox-eth0.network"]
    assert b"Unmanaged=yes" in files["10-edubox-wlan0.network"]
    assert b"interface=br-edubox" in files["dnsmasq.conf"]
    (tmp_path / state.FILE).write_bytes(files[state.FILE])
    found = state.read(tmp_path)
    assert (found.address, found.wifi, found.carries, found.wrong) == (
        "10.87.3.1",
        WISH.wifi.name,
        (7, 10),
        (),
    )


def test_on_the_schools_network_the_box_gives_no_addresses_and_without_a_radio_says_so():
    decided = plan.decide(WISH, [], [ETH], {"eth0": OFFER}, {}, [])
    files = written(WISH, decided, Names("edubox-ab12cd"))
    assert set(files) == {"10-edubox-eth0.network", state.FILE}
    assert b"DHCP=ipv4" in files["10-edubox-eth0.network"]
    assert "access point" in decided.wrong[0]


def test_the_wifis_file_is_wpa2_and_nothing_in_its_name_can_change_it():
    text = hostapd.configuration(
        replace(WISH, wifi=replace(WISH.wifi, name="a\\n#wpa=0")), RADIO, 6, networkd.BRIDGE
    )
    assert "wpa=2\n" in text
    assert "rsn_pairwise=CCMP\n" in text
    assert "ssid2=615c6e237770613d30\n" in text
    assert "country_code=FR\n" in text
    assert "logger_syslog=0\nlogger_stdout=0\n" in text
    assert WISH.wifi.password not in text


def test_the_key_is_that_of_the_standards_example():
    wish = Network(Wifi(name="IEEE", password="password"))
    text = hostapd.configuration(wish, RADIO, 1, networkd.BRIDGE)
    assert "wpa_psk=f42c6fc52df0ebef9ebb4b90b38a5f902e83fe1b135a70e23aed762e9710a12e" in text


@pytest.mark.parametrize(
    "content", [b"", b"[]", b'{"format":1}', b'{"format":1,"carries":[1]}', b"\xff", b'{"format":2}']
)
def test_a_damaged_state_is_no_network(tmp_path, content):
    (tmp_path / state.FILE).write_bytes(content)
    assert state.read(tmp_path) is None


@pytest.mark.parametrize(
    ("found", "level", "words"),
    [
        (state.State(), "good", "guest"),
        (state.State(address="10.87.3.1", wifi="É", carries=(7, 10)), "note", "about 7 to 10 devices"),
        (state.State(wrong=("There is no radio.",)), "warning", "There is no radio."),
    ],
)
def test_the_doctor_says_what_the_network_is(tmp_path, monkeypatch, found, level, words):
    monkeypatch.setattr(state, "FOLDER", tmp_path)
    assert check(Box(tmp_path, {})) is None, "a computer that makes no network"
    if found:
        (tmp_path / state.FILE).write_bytes(state.dump(found))
    finding = check(Box(tmp_path, {}))
    assert (finding.level, words in finding.sentence) == (level, True)
