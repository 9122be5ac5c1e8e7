"""Who asks whether it is online: one prober of each system, as it calls itself, beside every address that ``probes`` knows."""

from __future__ import annotations

from edubox.hardware.hotspot.probes import PROBES

#: System → what its prober calls itself, and what it opens first.
PROBERS = {
    "Android": (
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/60.0.3112.32 Safari/537.36",
        "http://connectivitycheck.gstatic.com/generate_204",
    ),
    "Chromebook": ("Chrome", "http://www.gstatic.com/generate_204"),
    "Huawei": ("Dalvik/2.1.0", "http://connectivitycheck.platform.hicloud.com/generate_204"),
    "iPhone, iPad, Mac": (
        "CaptiveNetworkSupport-481.100.2 wispr",
        "http://captive.apple.com/hotspot-detect.html",
    ),
    "Windows": ("Microsoft NCSI", "http://www.msftconnecttest.com/connecttest.txt"),
    "Windows 8": ("Microsoft NCSI", "http://www.msftncsi.com/ncsi.txt"),
    "Firefox": (
        "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
        "http://detectportal.firefox.com/canonical.html",
    ),
    "Debian (NetworkManager)": ("NetworkManager/1.52.0", "http://network-test.debian.org/nm"),
    "GNOME": ("NetworkManager/1.52.0", "http://nmcheck.gnome.org/check_network_status.txt"),
    "KDE": ("Mozilla/5.0", "http://networkcheck.kde.org/"),
    "Kindle": ("Dalvik/2.1.0", "http://spectrum.s3.amazonaws.com/kindle-wifi/wifistub.html"),
}
#: Every question that is known, with what says "online".
ALL = {f"http://{host}{path}": online for host, paths in PROBES.items() for path, online in paths.items()}
