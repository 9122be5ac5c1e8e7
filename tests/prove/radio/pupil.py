"""A pupil's phone: what it must and must not get, from the wrong password to a lesson, and what the box says of it."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

from tests.prove.image import world
from tests.prove.radio.box import PASSWORD, WIFI, Box
from tests.prove.radio.phone import Phone
from tests.prove.radio.probers import ALL, PROBERS

Tell = Callable[[str], None]
#: The box on the network that it makes, and its greeting.
OWN, GREETING = "10.87.3.1", "http://10.87.3.1/welcome/"
#: What somebody may type, and below which a lesson has a name of its own.
NAMES = ("edubox", "edubox.local", "jean-mace", "jean-mace.local", OWN)
DOMAIN = "ecole.local"
#: What a phone in the box's network must not reach: the internet, and the network on the box's cable.
ELSEWHERE = ("http://example.org/", "http://www.google.com/", "http://10.0.2.2/")
_PUPILS_ADDRESS = re.compile(r"02:00:00:00:01:00", re.IGNORECASE)


def is_on_air(box: Box) -> float:
    """Seconds from power-on until the box's own Wi-Fi was there."""
    until = time.monotonic() + 120
    while "AP-ENABLED" not in (
        said := box.ask("journalctl -b -u edubox-hostapd -o short-monotonic --no-pager")
    ):
        assert time.monotonic() < until, said
        time.sleep(2)
    uptime = re.search(r"\[ *([0-9.]+)\][^\n]*AP-ENABLED", said)
    assert uptime, said
    return box.since_power_on(float(uptime[1]))


def comes_in(phone: Phone, tell: Tell) -> None:
    """Outside with a wrong password, inside with the right one, with an address of the box."""
    began, why = phone.join(WIFI, "sardine-lune-43")
    assert began is None, "a phone with a wrong password was let in"
    tell(f"with a wrong password the phone stays outside ({why})")
    phone.leave()
    began, why = phone.join(WIFI, PASSWORD)
    assert began is not None, f"the phone was not let in: {why}"
    lease = phone.lease()
    assert lease.address.startswith("10.87.3."), lease
    assert (lease.router, lease.names, lease.seconds) == (OWN, OWN, 1800), lease
    tell(
        f"with the right one it is let in after {began:.1f} s and has {lease.address} after {lease.took:.1f} s more"
    )


def is_greeted(phone: Phone, tell: Tell) -> None:
    """Each system's prober is led to the greeting; behind its button each is online."""
    first = [address for _, address in PROBERS.values()]
    asked = [*PROBERS.values(), *(("-", address) for address in ALL if address not in first)]
    for (_, address), answer in zip(asked, phone.ask(asked), strict=True):
        assert (answer.status, answer.leads_to) == (302, GREETING), f"{address}: {answer}"
    greeting = phone.open(GREETING)
    assert greeting.status == 200, greeting
    assert world.NAME in greeting.body, greeting.body
    assert f'href="http://{OWN}/"' in greeting.body, greeting.body
    tell(f"its first question is answered with the greeting, which is there after {greeting.took:.1f} s")
    assert phone.open(f"{GREETING}online/").status == 200
    answers = phone.ask(asked)
    for (_, address), answer in zip(asked, answers, strict=True):
        online = ALL[address]
        assert (answer.status, answer.leads_to, answer.body) == (online.status, "", online.body), (
            f"{address}: {answer}"
        )
    for system, answer in zip(PROBERS, answers, strict=False):
        shown = answer.body.strip().replace("\n", " ")[:40]
        tell(f'  {system}: 302 to the greeting; after "Continue" {answer.status} {shown}'.rstrip())
    tell(f"all {len(ALL)} questions of {len(PROBERS)} systems and their makers: greeted once, then online")
    address = phone.address_of("dns.msftncsi.com")
    assert address == "131.107.255.255", address
    assert phone.address_of("use-application-dns.net") == "", "Firefox would ask a name server far away"


def reads(phone: Phone, tell: Tell) -> None:
    """A lesson opens by every name and by the address; nothing else does."""
    for name in (*NAMES, DOMAIN):
        page = phone.open(f"http://{name}{world.LESSON}")
        assert (page.status, world.TITLE in page.body) == (200, True), f"{name}: {page}"
        frame = re.search(r'src="(https?://([^"/:]+):8081/[^"?#]+)', page.body)
        assert frame, page.body
        own_name = name == DOMAIN
        assert frame[2].endswith(f".{DOMAIN}") if own_name else frame[2] == name, frame[1]
        lesson = phone.open(frame[1])
        assert (lesson.status, world.TEXT in lesson.body) == (200, True), f"{frame[1]}: {lesson}"
        if name in {"edubox", OWN}:
            tell(
                f"a lesson at http://{name}/: its page in {page.took:.1f} s, what it says in {lesson.took:.1f} s"
            )
    tell(f"and at {', '.join(NAMES)}; below {DOMAIN} it has a name of its own")
    for address in ELSEWHERE:
        assert phone.open(address).status == 0, f"a phone in the box's Wi-Fi opened {address}"
    tell("nothing else answers: neither the internet nor the network on the box's cable")


def box_says(box: Box, tell: Tell) -> None:
    """What a technician reads of it, that no log knows the phone, and that none of the units failed."""
    shown = box.ask("edubox hotspot show")
    assert (
        f"Wi-Fi '{WIFI}' on channel 6, with a password; its radio carries about 8 to 19 devices." in shown
    ), shown
    doctor = box.ask("edubox doctor --data /data/edubox")
    for words in (
        "This radio serves about 8 to 19 devices: plug in an access point for a class.",
        "2 devices have an address.",
    ):
        assert words in doctor, doctor
    status = box.ask("cat /boot/firmware/STATUS.txt")
    assert f"Wi-Fi: {WIFI}" in status, status
    assert PASSWORD not in status + box.ask("cat /boot/firmware/edubox.toml"), "the password is on the card"
    poster = box.ask("edubox poster --data /data/edubox -o /tmp/poster.pdf && head -c 5 /tmp/poster.pdf")
    assert "%PDF-" in poster, poster
    # The kernel's own lines are of the phone in the same guest.
    for line in box.ask(
        "journalctl -b --no-pager -o short _TRANSPORT=stdout + _TRANSPORT=syslog + _TRANSPORT=journal"
    ).splitlines():
        assert not _PUPILS_ADDRESS.search(line), f"a log knows a phone: {line}"
    assert "1" in box.ask("cat /sys/class/net/br-edubox/bridge/stp_state"), (
        "two sockets in one switch would be a loop"
    )
    failed = box.ask("systemctl --failed --no-legend --plain").strip()
    assert not failed, failed
    for line in (
        *shown.splitlines(),
        *(one for one in doctor.splitlines() if "Wi-Fi and cable" in one or "hotspot" in one),
    ):
        if line.strip():
            tell(f"  {line.strip()}")
    tell("the doctor, STATUS.txt and the poster know the Wi-Fi, no log knows the phone, no unit failed")
