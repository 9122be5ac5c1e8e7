"""PostgreSQL from Debian for tests, on a free port of loopback, in a folder of its own, as another user when we are root.

Started once a session, ended by its number. ``restart`` ends all its connections, as an operator's restart does; ``kill`` is
what a power cut does. It keeps its promises to the disk (fsync), so it is no faster than a hub's.
"""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

from edubox.hub.database import open_database
from tests import needs
from tests.hub.servers import PATIENCE, end, free_ports, tied, wait_for

USER = "edubox"


def programs() -> Path:
    """The folder of the server's programs; skips the test, by name, where there is none."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    if not found:
        needs.absent("not installed: postgres (tests/setup-machine has its Debian package)")
    return found[-1].parent


class PostgreSQL:
    """One server."""

    def __init__(self, running: dict[str, str] | None = None) -> None:
        """A new server, or the one that is *running*."""
        self._bin = programs()
        self._template: str | None = None
        self._as: dict[str, object] = {}
        if running:
            self.port, self._log = int(running["port"]), None
            return
        # Not pytest's folder, into which the other user may not go.
        self.folder = Path(tempfile.mkdtemp(prefix="edubox-postgresql-"))
        self.port = free_ports(1)[0]
        if os.getuid() == 0:
            other = pwd.getpwnam("postgres")
            os.chown(self.folder, other.pw_uid, other.pw_gid)
            self._as = {"user": other.pw_uid, "group": other.pw_gid, "extra_groups": []}
        self.folder.chmod(0o700)
        self._log = (self.folder / "log").open("ab")
        self._call("initdb", "-D", str(self.folder / "data"), "-A", "trust", "-U", USER, "-E", "UTF8", "--locale", "C.UTF-8")  # fmt: skip
        self.start()

    def start(self) -> None:
        """Start the server and wait until it takes connections."""
        self._child = subprocess.Popen(
            [self._bin / "postgres", "-D", self.folder / "data", "-p", str(self.port), "-h", "127.0.0.1",
             "-k", "", "-c", "max_connections=60", "-c", "shared_buffers=16MB"],
            stdin=subprocess.DEVNULL, stdout=self._log, stderr=self._log, start_new_session=True, cwd="/",
            preexec_fn=tied(signal.SIGQUIT), **self._as,  # noqa: PLW1509 - one prctl
        )  # fmt: skip
        wait_for(self.port, self._child, self.folder / "log")
        # It listens before it answers.
        line = [self._bin / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        deadline = time.monotonic() + PATIENCE
        while subprocess.run(line, stdin=subprocess.DEVNULL, check=False).returncode:
            assert time.monotonic() < deadline, (self.folder / "log").read_text(errors="replace")
            time.sleep(0.1)

    def restart(self) -> None:
        """End every connection and start anew, as for an update."""
        self.stop()
        self.start()

    def stop(self) -> None:
        """Fast shutdown: what was not committed is undone."""
        end(self._child, signal.SIGINT)

    def kill(self) -> None:
        """As a power cut ends it; the next start recovers."""
        # The immediate shutdown of PostgreSQL is a crash that leaves no orphans.
        end(self._child, signal.SIGQUIT)

    def database(self) -> str:
        """The address of a new database with the hub's tables, a copy of one that was made once."""
        if self._template is None:
            self._template = f"hubs{secrets.token_hex(6)}"
            address = self.empty(self._template)
            open_database(address.replace("postgresql:", "postgresql+psycopg:")).close()
        return self.empty(template=self._template)

    def empty(self, name: str = "", template: str = "template0", *options: str) -> str:
        """The address of a new database without tables; *options* of createdb."""
        name = name or f"t{secrets.token_hex(6)}"
        self._call(
            "createdb", "-h", "127.0.0.1", "-p", str(self.port), "-U", USER, "-T", template, *options, name
        )
        return f"postgresql://{USER}@127.0.0.1:{self.port}/{name}"

    def told(self) -> dict[str, str]:
        """What another process needs to use it."""
        return {"port": str(self.port)}

    def close(self) -> None:
        """End it, and remove its folder, if it is ours."""
        if self._log is None:
            return
        self.stop()
        self._log.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _call(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [self._bin / program, *arguments], stdin=subprocess.DEVNULL, capture_output=True, cwd="/", check=False, **self._as,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr.decode(errors="replace")
