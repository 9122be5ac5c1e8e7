"""A phone is told by DHCP where to ask whether it is held (RFC 8910), and asks there by HTTPS (RFC 8908): real dnsmasq, udhcpc, curl.

Only a box with a certificate that phones know tells it. That certificate is a test authority's here, which curl is told to believe.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from edubox.box.secure.known import api_address
from edubox.hardware.hotspot import state
from edubox.hardware.hotspot.dnsmasq import Names
from tests import needs
from tests.box.school import School, page, settings
from tests.box.secure.authority import Authority
from tests.hardware.hotspot import namespaces
from tests.hardware.hotspot.namespaces import run

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs root: networks are made")
NAME = "box.school.example"
API = f"https://{NAME}/welcome/api"
#: In the box's namespace: a box with the data folder, the state folder and the settings that are named.
_SERVED = """
import json, sys
from pathlib import Path
from edubox.box.serve import serve
from edubox.hardware.hotspot import state
from tests.box.school import settings
state.FOLDER = Path(sys.argv[2])
given = settings(listen="0.0.0.0", port=80, **json.loads(sys.argv[3]) | {"desk_port": 443})
serve(Path(sys.argv[1]), given, lambda _: print("serving", flush=True))
"""
_TOLD = '#!/bin/sh\n[ "$1" = bound ] && echo "$ip 114=$opt114"; true\n'


def offered(phone, folder):
    """What DHCP tells a phone that asks for option 114: its address, and the option's text."""
    script = folder / "told"
    script.write_text(_TOLD)
    script.chmod(0o755)
    said = run("ip", "netns", "exec", phone, "busybox", "udhcpc", "-f", "-q", "-n", "-i", "wlan0", "-O", "114", "-s", script)  # fmt: skip
    address, _, option = said.split("\n")[-2].partition(" 114=")
    return address, bytes.fromhex(option).decode("ascii")


@pytest.fixture(scope="module")
def phones(tmp_path_factory):
    """On the network of a box with such a certificate: ``ask(address, headers…)`` by a phone at the address that it was given."""
    needs.programs("ip", "dnsmasq", "busybox", "ss", "curl", "udhcpc")
    folder = tmp_path_factory.mktemp("told")
    authority = Authority(folder / "authority")
    given = authority.settings(NAME)
    names = Names("edubox-ab12cd", known=NAME, portal=api_address(settings(**given | {"desk_port": 443})))
    (folder / state.FILE).write_bytes(state.dump(state.State(address="10.87.3.1", portal=names.portal)))
    School(folder / "data").add("marees", {"index.html": page("La mer monte.")})
    line = [sys.executable, "-c", _SERVED, str(folder / "data"), str(folder), json.dumps(given)]
    with namespaces.air(folder, names) as (box, phone):
        server = subprocess.Popen(["ip", "netns", "exec", box, *line], stdout=subprocess.PIPE, text=True)
        try:
            assert server.stdout.readline() == "serving\n"
            address, told = offered(phone, folder)
            run("ip", "-n", phone, "address", "add", f"{address}/24", "dev", "wlan0")

            def ask(url, *headers, come_from=address):
                run("ip", "-n", phone, "address", "replace", f"{come_from}/24", "dev", "wlan0")
                words = [word for header in headers for word in ("-H", header)]
                said = run(
                    "ip", "netns", "exec", phone, "curl", "-s", "--max-time", "10", "--cacert", authority.trusted,
                    "--interface", come_from, "--resolve", f"{NAME}:443:10.87.3.1", "--resolve", f"{NAME}:80:10.87.3.1",
                    "-w", "\n%{http_code} %{content_type} %{redirect_url}", *words, url, check=False,
                )  # fmt: skip
                body, _, last = said.rpartition("\n")
                return int(last.split(" ")[0]), last.split(" ", 1)[1].strip(), body

            yield ask, told, phone
        finally:
            server.terminate()
            server.communicate(timeout=30)


def test_a_phone_is_told_where_to_ask_and_the_name_leads_to_the_box(phones):
    _, told, phone = phones
    assert told == API
    assert "10.87.3.1" in run("ip", "netns", "exec", phone, "busybox", "nslookup", "-type=a", NAME, "10.87.3.1")  # fmt: skip


def test_it_is_held_until_it_is_greeted_there_and_another_phone_still_is(phones):
    ask, _, _ = phones
    status, media_type, body = ask(API, "Accept: application/captive+json")
    assert (status, media_type) == (200, "application/captive+json")
    assert json.loads(body) == {
        "captive": True,
        "user-portal-url": f"https://{NAME}/welcome/",
        "venue-info-url": f"https://{NAME}/welcome/lessons",
    }
    assert ask(f"https://{NAME}/welcome/lessons")[1].split(" ")[-1] == "http://10.87.3.1/"
    assert ask("http://10.87.3.1/generate_204", "Host: connectivitycheck.gstatic.com")[0] == 302
    status, _, greeting = ask(f"https://{NAME}/welcome/")
    assert status == 200
    assert 'href="/welcome/online/"' in greeting
    assert json.loads(ask(API)[2])["captive"] is True, "seeing the greeting is not yet going on"
    assert ask(f"https://{NAME}/welcome/online/")[0] == 200
    assert json.loads(ask(API)[2])["captive"] is False
    # The same answer as its other question gets, and of this phone alone.
    assert ask("http://10.87.3.1/generate_204", "Host: connectivitycheck.gstatic.com")[0] == 204
    assert json.loads(ask(API, come_from="10.87.3.77")[2])["captive"] is True


def test_who_read_a_page_over_plain_http_is_not_held_any_more(phones):
    ask, _, _ = phones
    assert json.loads(ask(API, come_from="10.87.3.78")[2])["captive"] is True
    assert ask("http://10.87.3.1/fr/", come_from="10.87.3.78")[0] == 200
    assert json.loads(ask(API, come_from="10.87.3.78")[2])["captive"] is False


@pytest.mark.parametrize("host", ["evil.example", "10.87.3.1", "box.school.example.evil.example", "", "a b", "x" * 300, '"><script>', "box.school.example:99999999"])  # fmt: skip
def test_a_strangers_host_is_no_place_to_ask_and_gets_into_no_answer(phones, host):
    ask, _, _ = phones
    status, _, body = ask(API, f"Host: {host}" if host else "Host;")
    assert status in {400, 404}
    assert "user-portal-url" not in body
    assert not host or host not in body


def test_the_answer_names_the_box_as_its_settings_do_whatever_port_is_written(phones):
    ask, _, _ = phones
    assert (
        json.loads(ask(API, f"Host: {NAME.upper()}:8443")[2])["user-portal-url"] == f"https://{NAME}/welcome/"
    )


def test_over_plain_http_nobody_is_told_anything(phones):
    ask, _, _ = phones
    assert ask(f"http://{NAME}/welcome/api")[0] == 404
    assert ask(f"http://{NAME}/welcome/api", "X-Forwarded-Proto: https")[0] == 404


def test_a_teacher_there_is_led_to_the_desk_by_the_name_that_browsers_know(phones):
    ask, _, _ = phones
    status, said, _ = ask("http://10.87.3.1/bureau/")
    assert (status, said.split(" ")[-1]) == (302, f"https://{NAME}/bureau/")


def test_the_other_pages_stay_on_plain_http(phones):
    ask, _, _ = phones
    assert ask(f"https://{NAME}/fr/")[1].endswith(f"http://{NAME}/fr/")


def test_without_such_a_certificate_a_phone_is_told_of_no_place(tmp_path):
    needs.programs("ip", "dnsmasq", "busybox", "ss", "udhcpc")
    with namespaces.air(tmp_path) as (_, phone):
        assert offered(phone, tmp_path)[1] == ""
