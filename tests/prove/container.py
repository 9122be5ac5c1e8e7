"""``make prove-container``: the hub's image is built and ``packaging/hub/compose.yaml`` started as it stands, until a phone reads over TLS.

No registry is asked: the three images are made from Debian packages (mmdebstrap), those of PostgreSQL and nginx under the names that
the compose file says, with as much of the official images as it uses. podman runs them, with all of its storage in one folder that is
deleted at the end. Where this computer may raise no limits, the runtime gets a container's description without them.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.prove.wheelhouse import fill

ROOT = Path(__file__).parents[2]
HUB = ROOT / "packaging" / "hub"
NAMES = ("lessons-hub.example.org", "hub.example.org", "review.example.org")
HUB_UID, POSTGRES_UID, NGINX_UID = 990, 999, 101
PATIENCE = 180
_POSTGRESQL = """FROM localhost/base
RUN usermod -u 999 postgres && groupmod -g 999 postgres && mkdir -p /run/postgresql /var/lib/postgresql/data && chown -R postgres:postgres /run/postgresql /var/lib/postgresql
COPY database.sh /
ENTRYPOINT ["sh", "/database.sh"]
USER 999
"""
_DATABASE = """set -e
PATH=$(echo /usr/lib/postgresql/*/bin):$PATH
cd /var/lib/postgresql/data
test -f PG_VERSION || { initdb -D . -U "$POSTGRES_USER" -A scram-sha-256 --pwfile "$POSTGRES_PASSWORD_FILE" -E UTF8 --locale C.UTF-8 >/dev/null
  echo "host all all all scram-sha-256" >> pg_hba.conf; }
exec postgres -D . -c listen_addresses='*'
"""
_CREATE = "PGPASSWORD=$(cat $POSTGRES_PASSWORD_FILE) createdb -h 127.0.0.1 -U edubox edubox"
_NGINX = """FROM localhost/base
"""
#: Takes the limits out of what is described to the runtime: a computer that is itself in a box may raise none.
_RUNTIME = """#!/usr/bin/python3
import json, os, sys
for number, word in enumerate(sys.argv):
    if word in ("--bundle", "-b", "--process"):
        path = os.path.join(sys.argv[number + 1], *(["config.json"] if word != "--process" else []))
        told = json.load(open(path))
        (told if word == "--process" else told["process"]).pop("rlimits", None)
        json.dump(told, open(path, "w"))
os.execvp("runc", ["runc", *sys.argv[1:]])
"""


def main() -> None:
    if os.geteuid():
        sys.exit("run this as root")
    wanted = ("mmdebstrap", "buildah", "podman", "podman-compose", "runc", "openssl", "curl")
    if missing := [name for name in wanted if shutil.which(name) is None]:
        sys.exit(f"not installed: {', '.join(missing)}")
    if (
        not Path("/usr/lib/cni/dnsname").exists()
        and shutil.which("netavark", path="/usr/lib/podman:/usr/libexec/podman") is None
    ):
        sys.exit(
            "containers would not find each other: on Debian 12, apt install golang-github-containernetworking-plugin-dnsname"
        )
    with tempfile.TemporaryDirectory(prefix="edubox-prove-container-", dir="/var/tmp") as folder:
        work = Path(folder)
        podman = _podman(work)
        try:
            _images(work, podman)
            _compose(work, podman)
        finally:
            for what in ("stop -a -t 10", "rm -af", "volume rm -af", "network prune -f"):
                subprocess.run([podman, *what.split()], capture_output=True, check=False)
            subprocess.run([podman, "rmi", "-af"], capture_output=True, check=False)


def _podman(work: Path) -> Path:
    """podman with all that it keeps in *work*."""
    (work / "rt").mkdir()
    (work / "rt/runc").write_text(_RUNTIME)
    line = (
        f"podman --root {work}/store --runroot {work}/run --storage-driver vfs --cgroup-manager cgroupfs --runtime {work}/rt/runc"
        f" --volumepath {work}/volumes --network-config-dir {work}/networks"
    )
    (work / "podman").write_text(f'#!/bin/sh\nexec {line} "$@"\n')
    for name in ("rt/runc", "podman"):
        (work / name).chmod(0o755)
    return work / "podman"


def _images(work: Path, podman: Path) -> None:
    context = work / "context"
    shutil.copytree(HUB, context / "packaging/hub")
    fill(context / "dist", "hub")
    begun = time.monotonic()
    release = f"{sys.version_info[0]}.{sys.version_info[1]}"
    suite = {"3.11": "bookworm", "3.13": "trixie"}[release]
    packages = "python3,python3-venv,nginx-light,postgresql,passwd"
    _run("mmdebstrap", "--quiet", "--variant=minbase", f"--include={packages}", suite, work / "base.tar")
    _run(podman, "import", "--quiet", work / "base.tar", "localhost/base")
    print(f"a base of Debian {suite}: {time.monotonic() - begun:.0f} s", flush=True)
    begun = time.monotonic()
    arguments = ["--build-arg", "BASE=localhost/base", "--build-arg", "PIP_NO_INDEX=1"]
    _build(work, "edubox-hub", context, context / "packaging/hub/Containerfile", *arguments)
    print(f"packaging/hub/Containerfile: {time.monotonic() - begun:.0f} s", flush=True)
    small = work / "small"
    small.mkdir()
    (small / "database.sh").write_text(_DATABASE)
    for name, text in (("postgres:16", _POSTGRESQL), ("nginx:stable", _NGINX)):
        (small / "Containerfile").write_text(text)
        _build(work, name, small, small / "Containerfile")


def _build(work: Path, name: str, context: Path, file: Path, *arguments: str) -> None:
    storage = ["--root", work / "store", "--runroot", work / "run", "--storage-driver", "vfs"]
    line = [
        "buildah",
        *storage,
        "bud",
        "--quiet",
        "--isolation",
        "chroot",
        *arguments,
        "-t",
        f"localhost/{name}",
        "-f",
        file,
        context,
    ]
    _run(*line)


def _compose(work: Path, podman: Path) -> None:
    place = work / "hub"
    shutil.copytree(HUB, place)
    shutil.copy(HUB / "nginx.conf", place / "front.conf")
    _certificate(place)
    _secrets(place)
    country = work / "country"
    secret = os.environ | {"EDUBOX_PASSPHRASE": "secret"}
    _run(
        sys.executable,
        "-m",
        "edubox",
        "country",
        "create",
        country,
        "--name",
        "Testland",
        env=secret,
        cwd=ROOT,
    )
    (country / "hub.toml").write_text(
        'database = "postgresql://edubox@database/edubox"\nworkers = 0\nproxy_socket = "/run/edubox-hub/desk.sock"\n'
        'address = "https://hub.example.org"\nreview_address = "https://review.example.org"\n'
    )
    compose = ["podman-compose", "--podman-path", podman, "-f", place / "compose.yaml"]
    _run(*compose, "up", "-d", "database", cwd=place)
    database = _container(podman, "database")
    _until(lambda: not _ask(podman, "exec", database, "sh", "-c", _CREATE).returncode, podman, database)
    volume = json.loads(_ask(podman, "volume", "inspect", _named(podman, "country")).stdout or "[]") or None
    target = Path(volume[0]["Mountpoint"]) if volume else None
    if target is None:
        _run(podman, "volume", "create", "hub_country")
        target = Path(json.loads(_ask(podman, "volume", "inspect", "hub_country").stdout)[0]["Mountpoint"])
    shutil.copytree(country, target / "country", symlinks=True)
    for path in [target, *target.rglob("*")]:
        os.chown(path, HUB_UID, HUB_UID, follow_symlinks=False)
    # As the unit's UMask=0027 has it: the web server's group reads.
    _run("chmod", "-R", "g+rX", target)
    _run(*compose, "up", "-d", cwd=place)
    _reads(place, podman)


def _reads(place: Path, podman: Path) -> None:
    """What a phone and an officer get through the front."""

    def get(name: str, path: str) -> str:
        line = [
            "curl",
            "-sS",
            "-o",
            "/dev/null",
            "-w",
            "%{http_code}",
            "--cacert",
            place / "certificates/hub.pem",
        ]
        return _ask(*line, "--resolve", f"{name}:443:127.0.0.1", f"https://{name}{path}").stdout

    front = _container(podman, "front")
    lessons, desk, review = NAMES
    _until(lambda: get(lessons, "/directory/metadata/1.root.json") == "200", podman, front)
    for name, path, wanted in (
        (lessons, "/directory/metadata/9.root.json", "404"), (lessons, "/keys/online/timestamp", "404"),
        (lessons, "/courier/", "200"), (lessons, "/api/openapi.json", "200"), (desk, "/bureau/entrer/", "200"),
        (review, "/nothing/", "404"),
    ):  # fmt: skip
        for _ in range(4):  # both web processes
            _until(lambda name=name, path=path, wanted=wanted: get(name, path) == wanted, podman, front)
        print(f"https://{name}{path}: {wanted}", flush=True)
    web = _container(podman, "web1")
    done = _ask(podman, "exec", web, "sh", "-c", "touch /x 2>&1; id -u")
    print(f"in a web process: {done.stdout.strip() or done.stderr.strip()}", flush=True)
    begun = time.monotonic()
    _run(podman, "stop", "-t", "60", web)
    print(f"a web process ends in {time.monotonic() - begun:.1f} s", flush=True)
    _until(lambda: get(desk, "/bureau/entrer/") == "200", podman, front)
    print("one web process of two is stopped: the desk answers", flush=True)


def _certificate(place: Path) -> None:
    (place / "certificates").mkdir()
    names = ",".join(f"DNS:{name}" for name in NAMES)
    _run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=hub", "-addext",
         f"subjectAltName={names}", "-keyout", place / "certificates/hub.key", "-out", place / "certificates/hub.pem")  # fmt: skip
    os.chmod(place / "certificates/hub.key", 0o640)
    for path in (place / "certificates").iterdir():
        os.chown(path, 0, HUB_UID)


def _secrets(place: Path) -> None:
    (place / "secrets").mkdir()
    for name, text, owner in (
        ("postgres", "a password\n", POSTGRES_UID), ("pgpass", "database:5432:edubox:edubox:a password\n", HUB_UID), ("s3", "", HUB_UID),
    ):  # fmt: skip
        path = place / "secrets" / name
        path.write_text(text)
        path.chmod(0o400)
        os.chown(path, owner, owner)


def _container(podman: Path, service: str) -> str:
    said = _ask(
        podman,
        "ps",
        "-a",
        "--filter",
        f"label=com.docker.compose.service={service}",
        "--format",
        "{{.Names}}",
    ).stdout.split()
    assert said, f"no container of {service}"
    return said[0]


def _named(podman: Path, volume: str) -> str:
    said = _ask(podman, "volume", "ls", "--format", "{{.Name}}").stdout.split()
    return next((name for name in said if name.endswith(f"_{volume}")), volume)


def _until(holds: object, podman: Path, container: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not holds():  # type: ignore[operator]
        if time.monotonic() > deadline:
            for name in _ask(podman, "ps", "-a", "--format", "{{.Names}}").stdout.split():
                logs = _ask(podman, "logs", "--tail", "20", name)
                print(f"--- {name}\n{logs.stdout}{logs.stderr}", flush=True)
            print(_ask(podman, "ps", "-a").stdout)
            print(_ask(podman, "exec", container, "true"))
            sys.exit(f"{container} does not answer")
        time.sleep(0.5)


def _ask(*words: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(word) for word in words], capture_output=True, text=True, check=False, timeout=PATIENCE
    )


def _run(*words: object, **more: object) -> None:
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, check=False, **more)  # type: ignore[call-overload]
    if done.returncode:
        sys.exit(
            f"{' '.join(str(word) for word in words[:6])} … ended with {done.returncode}:\n{done.stdout[-2000:]}{done.stderr[-3000:]}"
        )


if __name__ == "__main__":
    main()
