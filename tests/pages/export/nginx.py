"""nginx with the configuration that we ship, for tests and benchmarks."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from pathlib import Path
from urllib.parse import urlsplit

from tests import needs

#: The origins of pages and lessons in it.
EXAMPLE = ("https://lecons.example.org", "https://lessons.example.org")
CONF = Path(__file__).parents[3] / "packaging" / "nginx" / "site.conf"


def local(port: int) -> tuple[str, str]:
    """Origins of pages and lessons, under names that browsers look for on their own machine."""
    return f"http://lecons.edubox.localhost:{port}", f"http://lessons.edubox.localhost:{port}"


def begin(folder: Path, site: Path, port: int, *, named: bool = False) -> subprocess.Popen[bytes]:
    """nginx, serving *site* on *port* of the loopback for both names of our example, or those of ``local`` if *named*.

    All of its own files are in *folder*. It answers when this returns. ``folder/pid`` is the master's.
    """
    needs.programs("nginx")
    nginx = shutil.which("nginx", path=needs.PATH)
    text = (
        CONF.read_text()
        .replace("/srv/edubox/site", str(site))
        .replace("listen 80;", f"listen 127.0.0.1:{port};")
    )
    if named:
        for example, ours in zip(EXAMPLE, local(port), strict=True):
            text = text.replace(example, ours).replace(urlsplit(example).netloc, str(urlsplit(ours).hostname))
    temporary = "".join(
        f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    user = "user root; " if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(
        f"{user}daemon off; worker_processes 1; pid {folder}/pid; error_log {folder}/error.log; events {{}}\n"
        f"http {{ include /etc/nginx/mime.types; default_type application/octet-stream; {temporary}\n{text}\n}}\n"
    )
    child = subprocess.Popen(
        [nginx, "-c", str(folder / "nginx.conf"), "-p", str(folder)], stderr=subprocess.PIPE
    )
    deadline = time.monotonic() + 30
    while not (folder / "pid").exists() or not _answers(port):
        assert child.poll() is None, child.stderr.read().decode() if child.stderr else ""
        assert time.monotonic() < deadline, "nginx did not begin"
        time.sleep(0.02)
    return child


def _answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5):
            return True
    except ConnectionError:
        return False
