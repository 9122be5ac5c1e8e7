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
from edubox.errors import PortTaken
from tests.box.school import School, page, settings

ROOT = Path(__file__).parents[2]
#: Serves, walks through every kind of page like a pupil, says what it saw and what the process holds, and ends.
PROGRAM = """
import json, os, signal, sys, threading, urllib.request
from pathlib import Path
from edubox.box.serve import serve
data, settings = Path(sys.argv[1]), json.loads(sys.argv[2])

def walk():
    said = {}
    try:
        for path in ("/fr/", "/fr/lecon/ministry/test/x/", "/fr/lecon/ministry/test/x/1/", "/fr/recherche/?q=vulcans", "/fr/donnees/", "/fr/classe/",
                     "/fr/lecon/ministry/test/x/imprimer/", "/fr/qr.svg", "/find/fr/keys.json", f"/take/{sys.argv[3]}/lesson.html",
                     f"/take/{sys.argv[3]}/lesson.zip", "/m/"):
            with urllib.request.urlopen(f"http://127.0.0.1:{settings['port']}{path}") as answer:
                said[path] = answer.status
        with urllib.request.urlopen(f"http://127.0.0.1:{settings['lesson_port']}/c/{sys.argv[3]}/index.html") as answer:
            said["lesson"] = answer.status
    finally:
        pss = next(int(line.split()[1]) for line in open("/proc/self/smaps_rollup") if line.startswith("Pss:"))
        print(json.dumps({"said": said, "pss": pss / 1024, "modules": sorted(sys.modules)}), flush=True)
        os.kill(os.getpid(), signal.SIGTERM)

serve(data, settings, ready=lambda _: threading.Thread(target=walk).start())
"""


def free_ports():
    with socket.socket() as one, socket.socket() as other:
        for probe in (one, other):
            probe.bind(("127.0.0.1", 0))
        return one.getsockname()[1], other.getsockname()[1]


@pytest.fixture(scope="module")
def walked(tmp_path_factory):
    school = School(tmp_path_factory.mktemp("serve") / "box")
    manifest = school.add("x", {"index.html": page("Volcans")}, title="Les volcans")
    port, lesson_port = free_ports()
    chosen = settings(listen="127.0.0.1", port=port, lesson_port=lesson_port)
    # A box is installed once and started often: what compiling takes (10 MiB) is not what serving takes.
    compileall.compile_dir(ROOT / "edubox", quiet=2)
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, school.data, json.dumps(chosen), manifest], cwd=ROOT, check=False,
        capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    return json.loads(done.stdout)


def test_both_origins_answer_and_the_process_ends_cleanly_when_told(walked):
    assert set(walked["said"].values()) == {200}
    assert len(walked["said"]) == 13


def test_the_serving_process_carries_neither_signatures_nor_schema_tools(walked):
    heavy = {
        "tuf", "securesystemslib", "cryptography", "sqlite_utils", "babel", "nh3", "PIL", "pypdf", "latex2mathml", "markdown_it",
    }  # fmt: skip
    assert not heavy & {name.partition(".")[0] for name in walked["modules"]}
    assert not [name for name in walked["modules"] if name.startswith("edubox.importers")]


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
