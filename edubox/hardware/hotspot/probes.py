"""What phones and computers ask to learn whether a network leads to the internet: once, for name server and portal.

Each system asks a host of its maker for a fixed page. The box's name server answers for these hosts on the network that the
box makes, where nobody else could; the portal then first leads to its greeting, and afterwards says what the maker's
host would. Left out on purpose are hosts that people also visit (www.google.com, www.apple.com): whoever does
would meet a warning about our certificate instead of "no internet", which is the truth.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Online:
    """What a system takes for "you are online"."""

    body: str = ""
    media_type: str = "text/plain"
    status: int = 200


_EMPTY = Online(status=204)
_APPLE = Online("<HTML><HEAD><TITLE>Success</TITLE></HEAD><BODY>Success</BODY></HTML>\n", "text/html")
_NETWORK_MANAGER = Online("NetworkManager is online\n")
_ANDROID = dict.fromkeys(("/generate_204", "/gen_204"), _EMPTY)
_SUCCESS = dict.fromkeys(("/hotspot-detect.html", "/library/test/success.html"), _APPLE)
_FIREFOX = Online(
    '<meta http-equiv="refresh" content="0;url=https://support.mozilla.org/kb/captive-portal"/>\n',
    "text/html",
)
#: Host → path → what says "online" there. Other paths of such a host always lead to the greeting.
PROBES: dict[str, dict[str, Online]] = {
    # Android, ChromeOS, Chrome
    "connectivitycheck.gstatic.com": _ANDROID,
    "connectivitycheck.android.com": _ANDROID,
    "clients3.google.com": _ANDROID,
    "play.googleapis.com": _ANDROID,
    "www.gstatic.com": _ANDROID,
    # Makers of Android phones that ask their own hosts
    "connectivitycheck.platform.hicloud.com": _ANDROID,  # Huawei
    "connect.rom.miui.com": _ANDROID,  # Xiaomi
    "wifi.vivo.com.cn": _ANDROID,
    "conn1.oppomobile.com": _ANDROID,
    "connectivity.samsung.com.cn": _ANDROID,
    # iPhone, iPad, Mac; the other names are those of old ones
    "captive.apple.com": _SUCCESS | {"/": _APPLE},
    "www.appleiphonecell.com": _SUCCESS,
    "www.itools.info": _SUCCESS,
    "www.ibook.info": _SUCCESS,
    "www.airport.us": _SUCCESS,
    "www.thinkdifferent.us": _SUCCESS,
    # Windows 10 and 11, and before
    "www.msftconnecttest.com": {"/connecttest.txt": Online("Microsoft Connect Test")},
    "www.msftncsi.com": {"/ncsi.txt": Online("Microsoft NCSI")},
    # Firefox
    "detectportal.firefox.com": {"/canonical.html": _FIREFOX, "/success.txt": Online("success\n")},
    # Linux: NetworkManager as distributions set it, GNOME, KDE
    "nmcheck.gnome.org": {"/check_network_status.txt": _NETWORK_MANAGER},
    "network-test.debian.org": {"/nm": _NETWORK_MANAGER},
    "connectivity-check.ubuntu.com": {"/": _EMPTY},
    "ping.archlinux.org": {"/nm-check.txt": _NETWORK_MANAGER},
    "fedoraproject.org": {"/static/hotspot.txt": Online("OK")},
    "conncheck.opensuse.org": {"/": _NETWORK_MANAGER},
    "networkcheck.kde.org": {"/": Online("OK\n")},
    # Kindle and Fire
    "spectrum.s3.amazonaws.com": {
        "/kindle-wifi/wifistub.html": Online("81ce4465-7167-4dcb-835b-dcc9e44c112a\n", "text/html")
    },
}
#: Windows also asks for this name, and wants this address.
WINDOWS_NAME, WINDOWS_ADDRESS = "dns.msftncsi.com", "131.107.255.255"
#: Names by which browsers learn that they should ask this network's name server and not one far away.
STAY_HERE = ("use-application-dns.net", "mask.icloud.com", "mask-h2.icloud.com")
