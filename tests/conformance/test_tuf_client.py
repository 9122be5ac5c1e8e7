"""The conformance client against small repositories over loopback HTTP: the main attacks, without the suite.

The same arguments, exit codes and files as the suite of theupdateframework/tuf-conformance expects; that suite
itself runs in ``test_suite.py`` where it is at hand.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from tuf.api.metadata import DelegatedRole, Delegations, Metadata, MetaFile, TargetFile, Targets

from tests.trust.repositories import DAY, MINUTE, Publisher, key, resigned

CLIENT = Path(__file__).with_name("tuf_client")
NOW = datetime.now(UTC)


class Served:
    """A publisher's repository over HTTP, and a client of it with its folders."""

    def __init__(self, folder, made=NOW):
        self.author = Publisher(made)
        self.author.publish({"a.json": b"first"}, made + MINUTE)
        self.metadata, self.targets = folder / "metadata", folder / "targets"
        self.metadata.mkdir()
        self.targets.mkdir()
        self.asked = []
        served = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                served.asked.append(self.path)
                data = served.author.mirror.files.get(self.path[1:])
                self.send_response(404 if data is None else 200)
                self.send_header("Content-Length", str(len(data or b"")))
                self.end_headers()
                self.wfile.write(data or b"")

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()
        root = folder / "root.json"
        root.write_bytes(self.author.first_root)
        assert self.run("init", root) == 0
        assert self.asked == []

    def run(self, *arguments):
        base = f"http://127.0.0.1:{self.server.server_port}/{self.author.prefix}"
        line = [sys.executable, CLIENT, "--metadata-dir", self.metadata]
        if arguments[-1] in {"refresh", "download"}:
            line += ["--metadata-url", f"{base}/metadata"]
        if arguments[-1] == "download":
            line += ["--target-dir", self.targets, "--target-base-url", f"{base}/targets"]
        done = subprocess.run(
            list(map(str, [*line, *arguments])), capture_output=True, text=True, timeout=60, check=False
        )
        assert "Traceback" not in done.stderr
        return done.returncode

    def download(self, *names):
        return self.run(*(word for name in names for word in ("--target-name", name)), "download")

    def trusted(self):
        """Role → version as the client holds them."""
        return {
            path.name.removesuffix(".json"): json.loads(path.read_bytes())["signed"]["version"]
            for path in self.metadata.glob("*.json")
        }

    def downloaded(self):
        return {path.name: path.read_bytes() for path in self.targets.iterdir()}


@pytest.fixture
def served(tmp_path):
    served = Served(tmp_path)
    yield served
    served.server.shutdown()
    served.server.server_close()


def test_refresh_trusts_the_top_level_roles_and_fetches_no_target(served):
    assert served.run("refresh") == 0
    assert served.trusted().keys() == {"root", "timestamp", "snapshot", "targets"}
    assert served.downloaded() == {}
    assert not [path for path in served.asked if "/targets/" in path]


def test_download_brings_targets_in_order_once_and_stops_at_the_first_that_fails(served):
    served.author.publish({"b.json": b"other"}, NOW + 2 * MINUTE)
    assert served.download("a.json", "b.json") == 0
    assert served.downloaded() == {"a.json": b"first", "b.json": b"other"}
    served.asked.clear()
    assert served.download("a.json") == 0
    assert not [path for path in served.asked if "/targets/" in path]
    assert served.download("absent.json", "a.json") == 1


def test_another_target_than_was_signed_is_not_kept(served):
    path = next(path for path in served.author.mirror.files if path.endswith(".a.json"))
    for data in (b"f1rst", b"firs", b"first and an endless tail" * 1000):
        served.author.mirror.files[path] = data
        assert served.download("a.json") == 1
        assert served.downloaded() == {}


def test_an_older_state_is_refused_and_the_newer_one_kept(served):
    old = served.author.mirror.copy()
    served.author.publish({"a.json": b"second"}, NOW + 2 * MINUTE)
    assert served.run("refresh") == 0
    before = served.trusted()
    served.author.mirror = old
    assert served.run("refresh") == 1
    assert served.trusted() == before


def test_signatures_that_ended_are_refused_without_any_grace(tmp_path):
    served = Served(tmp_path, NOW - 401 * DAY)
    assert served.run("refresh") == 1
    assert "targets" not in served.trusted()
    served.server.shutdown()
    served.server.server_close()


@pytest.mark.parametrize("role", ["timestamp", "snapshot", "targets"])
def test_what_somebody_else_signed_is_not_trusted(served, role):
    mirror = served.author.mirror
    path = mirror.path(role)
    mirror.files[path] = resigned(mirror.files[path], key(), lambda _: None)
    if role == "snapshot":
        served.author.chain()
    assert served.run("refresh") == 1
    assert role not in served.trusted()


def test_parts_of_two_publications_are_not_one(served):
    mirror = served.author.mirror
    old = mirror.files[mirror.path("targets")]
    served.author.publish({"a.json": b"second"}, NOW + 2 * MINUTE)
    mirror.files[mirror.path("targets")] = old
    assert served.run("refresh") == 1
    assert "targets" not in served.trusted()


def test_root_rotations_are_followed_and_a_forged_one_is_not(served):
    for turn in range(1, 4):
        served.author.rotate(NOW + turn * MINUTE, days=400)
    assert served.run("refresh") == 0
    assert served.trusted()["root"] == 4
    thief = Publisher(NOW)
    for _ in range(4):
        thief.rotate(NOW)
    name = f"{served.author.prefix}/metadata/5.root.json"
    served.author.mirror.files[name] = thief.mirror.files[name]
    assert served.run("refresh") == 1
    assert served.trusted()["root"] == 4


def test_a_delegated_role_speaks_only_for_its_paths(served):
    helper = key()
    author, prefix = served.author, served.author.prefix

    def delegate(signed):
        public = helper.public_key
        role = DelegatedRole("helper", [public.keyid], 1, terminating=True, paths=["h/*"])
        signed.delegations = Delegations({public.keyid: public}, {"helper": role})

    author.resign("targets", delegate)
    author.resign("snapshot", lambda signed: signed.meta.update({"helper.json": MetaFile(1)}))

    role = Metadata(Targets(expires=NOW + DAY))
    for name in ("h/x.json", "x.json"):
        info = TargetFile.from_data(name, b"help", ["sha256"])
        role.signed.targets[name] = info
        folder, slash, last = name.rpartition("/")
        author.mirror.files[f"{prefix}/targets/{folder}{slash}{info.hashes['sha256']}.{last}"] = b"help"
    role.sign(helper)
    author.mirror.files[f"{prefix}/metadata/1.helper.json"] = role.to_bytes()
    assert served.download("h/x.json") == 0
    assert served.downloaded() == {"h%2Fx.json": b"help"}
    assert served.download("x.json") == 1


def test_no_server_is_a_failure_and_loses_nothing(served):
    assert served.run("refresh") == 0
    before = served.trusted()
    served.server.shutdown()
    served.server.server_close()
    assert served.run("refresh") == 1
    assert served.trusted() == before
