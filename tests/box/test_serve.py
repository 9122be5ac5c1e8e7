"""The serving process: two origins, light, quick to end, and without the libraries that it must not carry."""

from __future__ import annotations

import compileall
import json
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from edubox.box.discovery import host_name, own_addresses
from edubox.box.secure import certificate
from edubox.errors import PortTaken
from tests.box.school import School, page, settings

ROOT = Path(__file__).parents[2]
#: Serves, walks through every kind of page like a pupil, says what it saw and what the process holds, and ends.
PROGRAM = """
import http.client, json, os, signal, socket, ssl, sys, threading, urllib.request
from pathlib import Path
from edubox.box.serve import serve
data, settings = Path(sys.argv[1]), json.loads(sys.argv[2])

def desk(connection, sock, **headers):
    connection.sock = sock
    connection.request("GET", "/bureau/", headers={"Host": "edubox.local"} | headers)
    return connection.getresponse().read().decode()

def door(name, **headers):
    "Whether the page of the desk is the one that shows the way to HTTPS."
    pages = socket.create_connection(("127.0.0.1", settings["port"]))
    if name == "tls":
        nobody = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        nobody.check_hostname, nobody.verify_mode = False, ssl.CERT_NONE
        pages = nobody.wrap_socket(socket.create_connection(("127.0.0.1", settings["desk_port"])))
    elif name == "front":
        pages = socket.socket(socket.AF_UNIX)
        pages.connect(settings["proxy_socket"])
    return f"https://edubox.local:{settings['desk_port']}/bureau/" in desk(http.client.HTTPConnection("edubox.local"), pages, **headers)

def walk():
    said, ways = {}, {}
    try:
        for path in ("/fr/", "/fr/lecon/ministry/test/x/", "/fr/lecon/ministry/test/x/1/", "/fr/recherche/?q=vulcans", "/fr/donnees/", "/fr/classe/",
                     "/fr/lecon/ministry/test/x/imprimer/", "/fr/qr.svg", "/find/fr/keys.json", f"/take/{sys.argv[3]}/lesson.html",
                     f"/take/{sys.argv[3]}/lesson.zip", "/m/"):
            with urllib.request.urlopen(f"http://127.0.0.1:{settings['port']}{path}") as answer:
                said[path] = answer.status
        with urllib.request.urlopen(f"http://127.0.0.1:{settings['lesson_port']}/c/{sys.argv[3]}/index.html") as answer:
            said["lesson"] = answer.status
        private = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "192.168.1.9"}
        ways = {"plain": door("plain"), "plain, who says he is not": door("plain", **private), "tls": door("tls"),
                "front": door("front"), "front, by https": door("front", **private)}
    finally:
        pss = next(int(line.split()[1]) for line in open("/proc/self/smaps_rollup") if line.startswith("Pss:"))
        print(json.dumps({"said": said, "ways": ways, "pss": pss / 1024, "modules": sorted(sys.modules)}), flush=True)
        os.kill(os.getpid(), signal.SIGTERM)

serve(data, settings, ready=lambda _: threading.Thread(target=walk).start())
"""


def free_ports():
    with socket.socket() as one, socket.socket() as other, socket.socket() as third:
        for probe in (one, other, third):
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in (one, other, third)]


@pytest.fixture(scope="module")
def walked(tmp_path_factory):
    school = School(tmp_path_factory.mktemp("serve") / "box")
    manifest = school.add("x", {"index.html": page("Volcans")}, title="Les volcans")
    certificate.make(school.data / "keys")
    (school.data / "keys" / "desk").write_text("a" * 26)
    port, lesson_port, desk_port = free_ports()
    front = str(school.data / "front")
    chosen = settings(
        listen="127.0.0.1", port=port, lesson_port=lesson_port, desk_port=desk_port, proxy_socket=front
    )
    # A box is installed once and started often: what compiling takes (10 MiB) is not what serving takes.
    compileall.compile_dir(ROOT / "edubox", quiet=2)
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, school.data, json.dumps(chosen), manifest], cwd=ROOT, check=False,
        capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    return json.loads(done.stdout) | {"keys": {path.name for path in (school.data / "keys").iterdir()}}


def test_both_origins_answer_and_the_process_ends_cleanly_when_told(walked):
    assert set(walked["said"].values()) == {200}
    assert len(walked["said"]) == 13


def test_a_password_may_come_by_https_alone_and_nobody_can_claim_that_it_did(walked):
    """Whether the page that explains is shown: not by the box's own HTTPS, nor by the web server in front that says so."""
    assert walked["ways"] == {
        "plain": True, "plain, who says he is not": True, "tls": False, "front": True, "front, by https": False,
    }  # fmt: skip


def test_the_serving_process_carries_neither_signatures_nor_schema_tools(walked):
    heavy = {
        "tuf", "securesystemslib", "cryptography", "sqlite_utils", "babel", "nh3", "PIL", "pypdf", "latex2mathml", "markdown_it",
    }  # fmt: skip
    assert not heavy & {name.partition(".")[0] for name in walked["modules"]}
    # The desk reads and writes quizzes: two files of plain text work.
    light = {"edubox.importers", "edubox.importers.gift", "edubox.importers.gift_text"}
    assert {name for name in walked["modules"] if name.startswith("edubox.importers")} <= light


def test_the_secret_address_of_older_boxes_is_gone_and_there_is_a_code_for_the_first_administrator(walked):
    assert "desk" not in walked["keys"]
    assert "first" in walked["keys"]


def test_the_serving_process_is_light(walked):
    assert walked["pss"] <= 45


def test_a_taken_port_is_said_before_anything_is_served(tmp_path):
    from edubox.box.serve import serve

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        chosen = settings(listen="127.0.0.1", port=0, lesson_port=taken.getsockname()[1])
        with pytest.raises(PortTaken, match="--lesson-port"):
            serve(School(tmp_path / "box").data, chosen)


def test_the_name_on_the_network_stays_and_is_a_name():
    assert host_name() == host_name()
    assert host_name().removeprefix("edubox-").isalnum()
    assert not [one for one in own_addresses() if one.startswith("127.")]
