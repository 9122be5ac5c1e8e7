"""``make prove-units``: the units of ``packaging/hub`` on a Debian 12 whose first process is systemd, from a country to a lesson.

systemd takes from a hub everything that it needs not: what it needed after all is found here, not on an operator's server. The
Debian (mmdebstrap) is started in a container (systemd-nspawn); hub, workers, mirror and backup are its services as they stand, only the
mirror's address is said, as docs/hub.md tells it. A lesson is published, the workers write the reading site, the mirror fetches, the
backup is made; the hub is killed and comes back; all of them end when they are told to.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.prove.wheelhouse import fill

ROOT = Path(__file__).parents[2]
HUB = ROOT / "packaging" / "hub"
HOME = "/var/lib/edubox-hub"
SERVICES = ("edubox-hub", "edubox-hub-work", "edubox-mirror")
PUBLISHER, LESSON = "ministry/lecons", "moon-fr"
PATIENCE = 120
_INSTALL = """set -e
python3 -m venv /opt/edubox
/opt/edubox/bin/pip install --quiet --no-index --find-links /dist "$(echo /dist/edubox-*.whl)[hub]"
ln -s /opt/edubox/bin/edubox /usr/bin/edubox
useradd --system --home-dir /var/lib/edubox-hub edubox-hub
export EDUBOX_PASSPHRASE='three words more'
edubox country create /var/lib/edubox-hub/country --name Exemple
edubox country add-publisher /var/lib/edubox-hub/country --id ministry/lecons --name Ministère
chown -R edubox-hub: /var/lib/edubox-hub
install -D /var/lib/edubox-hub/country/mirror/directory/metadata/1.root.json /etc/edubox-mirror/root.json
systemctl --quiet enable edubox-hub edubox-hub-work edubox-mirror edubox-hub-backup.timer
"""


def main() -> None:
    if os.geteuid():
        sys.exit("run this as root")
    if missing := [
        name for name in ("mmdebstrap", "systemd-nspawn", "nsenter") if shutil.which(name) is None
    ]:
        sys.exit(f"not installed: {', '.join(missing)} (systemd-nspawn is in systemd-container)")
    with tempfile.TemporaryDirectory(prefix="edubox-prove-units-", dir="/var/tmp") as folder:
        root = Path(folder) / "root"
        _debian(root)
        with _started(root) as inside:
            _lives(inside)


def _debian(root: Path) -> None:
    begun = time.monotonic()
    packages = "systemd-sysv,dbus,python3-venv,curl,util-linux"
    _run("mmdebstrap", "--quiet", "--variant=minbase", f"--include={packages}", "bookworm", root)
    fill(root / "dist", "hub", python="3.11")
    for unit in HUB.glob("edubox-*"):
        shutil.copy(unit, root / "etc/systemd/system")
    told = root / "etc/systemd/system/edubox-mirror.service.d/override.conf"
    told.parent.mkdir()
    told.write_text("[Service]\nEnvironment=OF=http://127.0.0.1:8095/ MOST=1GB\n")
    shutil.copytree(ROOT / "content/lessons" / LESSON, root / "lesson")
    _run("chroot", root, "sh", "-c", _INSTALL)
    (root / "var/lib/edubox-hub/country/hub.toml").write_text(
        f'port = 8095\nworkers = 0\nsite = "{HOME}/site"\n'
    )
    print(f"a Debian 12 with a hub: {time.monotonic() - begun:.0f} s", flush=True)


Inside = Callable[..., "subprocess.CompletedProcess[str]"]


@contextlib.contextmanager
def _started(root: Path) -> Iterator[Inside]:
    """The Debian in *root* runs; what is yielded runs a command in it and says what came of it."""
    line = [
        "systemd-nspawn",
        "--quiet",
        "-D",
        root,
        "--boot",
        "--register=no",
        "--keep-unit",
        "--private-network",
    ]
    with (root.parent / "console").open("wb") as console:
        container = subprocess.Popen(line, stdin=subprocess.DEVNULL, stdout=console, stderr=console)
    try:
        first = Path(f"/proc/{container.pid}/task/{container.pid}/children")
        leader = _until(lambda: first.read_text().split()[:1], "a first process")[0]

        def inside(*words: object) -> subprocess.CompletedProcess[str]:
            entered = ["nsenter", "-t", leader, "-m", "-u", "-i", "-n", "-p", "-r", "-w", *map(str, words)]
            return subprocess.run(entered, capture_output=True, text=True, check=False, timeout=PATIENCE)

        yield inside
    except BaseException:
        print((root.parent / "console").read_text(errors="replace")[-3000:], flush=True)
        raise
    finally:
        container.terminate()
        container.wait(PATIENCE)


def _lives(inside: Inside) -> None:
    def succeeds(*words: object) -> bool:
        return inside(*words).returncode == 0

    def gets(address: str) -> Callable[[], bool]:
        return lambda: succeeds("curl", "-fsS", "-o", "/dev/null", address)

    def active(service: str) -> bool:
        return succeeds("systemctl", "--quiet", "is-active", service)

    try:
        begun = time.monotonic()
        for service in SERVICES:
            _until(lambda service=service: active(service), f"{service} runs")
        _until(gets("http://127.0.0.1:8095/directory/metadata/1.root.json"), "the hub answers")
        print(f"hub, workers and mirror run, the hub answers: {time.monotonic() - begun:.0f} s", flush=True)
        assert succeeds("curl", "-fsS", "http://127.0.0.1:8490/bureau/entrer/"), "the desk answers"

        as_hub = ("runuser", "-u", "edubox-hub", "--", "env", "EDUBOX_PASSPHRASE=three words more")
        country = f"{HOME}/country"
        for words in (
            ("edubox", "pack", "build", "/lesson", "-o", f"{HOME}/moon.edpack"),
            (
                "edubox",
                "publish",
                f"{HOME}/moon.edpack",
                "--to",
                f"{country}/mirror",
                "--as",
                PUBLISHER,
                "--slug",
                LESSON,
            ),
        ):
            done = inside(*as_hub, *words)
            assert done.returncode == 0, done.stderr
        begun = time.monotonic()
        assert succeeds(
            "systemctl", "restart", "edubox-hub-work"
        )  # it looks at once, else within five minutes
        _until(lambda: succeeds("test", "-s", f"{HOME}/site/fr/index.html"), "the workers write the site")
        print(f"the reading site was written by the workers: {time.monotonic() - begun:.0f} s", flush=True)
        begun = time.monotonic()
        for words in (
            (
                "init",
                "--country",
                "/etc/edubox-mirror/root.json",
                "--from",
                "http://127.0.0.1:8090/",
                "--follow",
                PUBLISHER,
                "--name",
                "École",
            ),
            ("sync", "--once"),
        ):
            done = inside(
                "edubox", *(["box"] if words[0] == "init" else []), *words, "--data", "/box", "--json"
            )
            assert done.returncode == 0, done.stderr
        assert [one["pack"] for one in json.loads(done.stdout)["packs"]] == [f"{PUBLISHER}/{LESSON}"]
        print(f"a box has the lesson from the mirror: {time.monotonic() - begun:.0f} s", flush=True)
        assert succeeds("systemctl", "start", "edubox-hub-backup"), "the backup ends well"
        size = inside("stat", "-c", "%s", f"{HOME}/backup/hub.tar").stdout.strip()
        print(f"a backup of {size} bytes", flush=True)

        begun = time.monotonic()
        assert succeeds("systemctl", "kill", "--signal=KILL", "--kill-who=main", "edubox-hub")
        _until(lambda: not active("edubox-hub"), "the hub is dead")
        _until(gets("http://127.0.0.1:8095/directory/metadata/1.root.json"), "the hub is back")
        print(f"killed, and back after {time.monotonic() - begun:.1f} s", flush=True)
        for service in SERVICES:
            begun = time.monotonic()
            assert succeeds("systemctl", "stop", service)
            state = inside("systemctl", "show", "-P", "Result", service).stdout.strip()
            assert state == "success", (service, state)
            print(f"{service} ended in {time.monotonic() - begun:.1f} s: {state}", flush=True)
    except AssertionError:
        for service in (*SERVICES, "edubox-hub-backup"):
            print(inside("journalctl", "--no-pager", "-n", "30", "-u", service).stdout, flush=True)
        raise


def _until(holds: Callable[[], object], what: str):
    deadline = time.monotonic() + PATIENCE
    while not (value := holds()):
        assert time.monotonic() < deadline, f"never: {what}"
        time.sleep(0.3)
    return value


def _run(*words: object) -> None:
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{words[0]} ended with {done.returncode}:\n{done.stderr[-3000:]}"


if __name__ == "__main__":
    main()
