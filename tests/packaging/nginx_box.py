"""A box behind nginx as they stand on a card: the configuration that we ship, on free ports of loopback."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

from tests import needs
from tests.box.school import settings
from tests.cli.country import free_port

ROOT = Path(__file__).parents[2]
CONF = ROOT / "packaging" / "nginx" / "box.conf"
_BOX = """
import json, sys
from pathlib import Path
from edubox.box.serve import serve
serve(Path(sys.argv[1]), json.loads(sys.argv[2]), ready=lambda _: print("ready", flush=True))
"""


def nginx_or_skip() -> str:
    """Where nginx is."""
    needs.programs("nginx")
    return str(shutil.which("nginx", path=needs.PATH))


@contextlib.contextmanager
def nginx(folder: Path, data: Path, pages: int, lessons: int):
    """nginx with its own files in *folder*, for the box in *data*, on two loopback ports; None of the box need be there."""
    text = CONF.read_text("utf-8")
    for place, ours in (
        ("listen 80 ", f"listen 127.0.0.1:{pages} "), ("listen 8081 ", f"listen 127.0.0.1:{lessons} "),
        ("/run/edubox-nginx", str(folder)), ("/run/edubox/front", str(folder)), ("/data/edubox", str(data)),
        ("/usr/share/edubox/nginx", str(CONF.parent)),
    ):  # fmt: skip
        assert place in text
        text = text.replace(place, ours)
    (folder / "box.conf").write_text(("user root;\n" if os.geteuid() == 0 else "") + text)
    child = subprocess.Popen([nginx_or_skip(), "-e", "stderr", "-c", folder / "box.conf", "-p", folder])
    try:
        _wait(lambda: (folder / "pid").exists() and child.poll() is None)
        yield child
    finally:
        child.terminate()
        child.wait(20)


@contextlib.contextmanager
def box_behind(folder: Path, data: Path, **given):
    """The box of *data* serving to nginx, both in processes of their own; their ports, and what the
    service manager is ``told``.
    """
    pages, lessons = free_port(), free_port()
    chosen = settings(
        listen="127.0.0.1", port=pages, lesson_port=lessons, proxy_socket=f"{folder}/pages",
        lesson_socket=f"{folder}/lessons", **given,
    )  # fmt: skip
    with nginx(folder, data, pages, lessons) as front, contextlib.ExitStack() as opened:
        line = [sys.executable, "-c", _BOX, data, json.dumps(chosen)]
        told = opened.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM))
        told.bind(f"{folder}/notify")
        told.settimeout(20)
        variables = os.environ | {"NOTIFY_SOCKET": f"{folder}/notify"}
        box = subprocess.Popen(line, stdout=subprocess.PIPE, cwd=ROOT, env=variables)
        try:
            assert box.stdout
            assert box.stdout.readline() == b"ready\n"
            yield SimpleNamespace(pages=pages, lessons=lessons, box=box, front=front, told=told)
        finally:
            box.terminate()
            box.communicate(timeout=30)


def _wait(done) -> None:
    deadline = time.monotonic() + 30
    while not done():
        assert time.monotonic() < deadline, "nginx did not begin"
        time.sleep(0.02)
