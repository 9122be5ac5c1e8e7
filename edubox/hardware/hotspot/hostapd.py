"""What hostapd reads: the name, the password and the channel of the Wi-Fi.

WPA2 with CCMP and nothing older; phones are kept apart from each other, since a class needs the box and nobody's
neighbour. The name is written in hexadecimal and the password as the key that is made of both, so that no sign in
them means anything to the file.
"""

from __future__ import annotations

import hashlib

from edubox.hardware.hotspot.network import Network
from edubox.hardware.hotspot.radio import Radio

#: Seconds without a sign of life after which a phone's place is free for another.
AWAY = 120
#: Channels from here on are of the 5 GHz band.
_FIRST_OF_5_GHZ = 36
_ROUNDS, _KEY_BYTES = 4096, 32


def configuration(network: Network, radio: Radio, channel: int, bridge: str) -> str:
    """The configuration file for *radio* on *channel*, whose phones come in on the interface *bridge*."""
    wifi = network.wifi
    lines = [
        f"interface={radio.interface}", f"bridge={bridge}", "driver=nl80211", "ctrl_interface=/run/edubox/hostapd",
        # Of each phone that comes and goes it would tell two logs.
        "logger_syslog=0", "logger_stdout=0",
        f"ssid2={wifi.name.encode().hex()}", "utf8_ssid=1",
        f"hw_mode={'a' if channel >= _FIRST_OF_5_GHZ else 'g'}", f"channel={channel}", "ieee80211n=1", "wmm_enabled=1",
        "auth_algs=1", "ignore_broadcast_ssid=0", "ap_isolate=1", f"ap_max_inactivity={AWAY}", "disassoc_low_ack=1",
    ]  # fmt: skip
    if network.country:
        lines += [f"country_code={network.country}", "ieee80211d=1"]
    if not wifi.open:
        lines += [
            "wpa=2",
            "wpa_key_mgmt=WPA-PSK",
            "rsn_pairwise=CCMP",
            f"wpa_psk={_key(wifi.name, wifi.password)}",
        ]
    return "\n".join((*lines, ""))


def _key(name: str, password: str) -> str:
    """The key of a WPA2 network, as IEEE 802.11i makes it of its name and its password."""
    return hashlib.pbkdf2_hmac("sha1", password.encode("ascii"), name.encode(), _ROUNDS, _KEY_BYTES).hex()
