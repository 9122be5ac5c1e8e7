"""A real object store that speaks S3, for tests: OpenStack Swift with s3api from Debian, four processes on loopback, one copy.

Started once a session and ended by its numbers; no system service is touched. It needs a folder whose file system has
extended attributes. ``refuse`` makes it answer nothing but errors for a while (its backends are stopped), as a store in trouble.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests import needs
from tests.hub.servers import end, free_ports, tied, wait_for

ACCESS, SECRET, BUCKET = "test:tester", "testing", "edubox-tests"
ROLES = ("account", "container", "object")
_BACKEND = """\
[DEFAULT]
bind_ip = 127.0.0.1
bind_port = {port}
user = {user}
swift_dir = {folder}
devices = {folder}/disks
mount_check = false
workers = 0
fallocate_reserve = 0
log_level = WARNING
[pipeline:main]
pipeline = {role}-server
[app:{role}-server]
use = egg:swift#{role}
conn_timeout = 20
node_timeout = 60
"""
_PROXY = """\
[DEFAULT]
bind_ip = 127.0.0.1
bind_port = {port}
user = {user}
swift_dir = {folder}
workers = 0
log_level = WARNING
[pipeline:main]
pipeline = catch_errors gatekeeper healthcheck cache listing_formats bulk s3api tempauth copy container-quotas slo dlo symlink proxy-server
[app:proxy-server]
use = egg:swift#proxy
allow_account_management = true
account_autocreate = true
# Half a second to connect is too little on a machine that does much else: it would answer 503.
conn_timeout = 20
node_timeout = 60
recoverable_node_timeout = 60
# It forgives its backends at once.
error_suppression_interval = 0
error_suppression_limit = 1000000
[filter:tempauth]
use = egg:swift#tempauth
user_test_tester = testing .admin
[filter:s3api]
use = egg:swift#s3api
s3_acl = false
location = us-east-1
# Wanted by name; that nobody listens there costs nothing.
[filter:cache]
use = egg:swift#memcache
memcache_servers = 127.0.0.1:1
[filter:catch_errors]
use = egg:swift#catch_errors
[filter:gatekeeper]
use = egg:swift#gatekeeper
[filter:healthcheck]
use = egg:swift#healthcheck
[filter:listing_formats]
use = egg:swift#listing_formats
[filter:bulk]
use = egg:swift#bulk
[filter:copy]
use = egg:swift#copy
[filter:container-quotas]
use = egg:swift#container_quotas
[filter:slo]
use = egg:swift#slo
[filter:dlo]
use = egg:swift#dlo
[filter:symlink]
use = egg:swift#symlink
"""
_SWIFT = """\
[swift-hash]
swift_hash_path_suffix = tests
swift_hash_path_prefix = tests
[storage-policy:0]
name = Policy-0
default = yes
"""
#: What swift-ring-builder does in nine calls.
_RINGS = """
import sys
from swift.common.ring import RingBuilder
for one in sys.argv[2].split(","):
    role, port = one.split(":")
    builder = RingBuilder(4, 1, 0)
    builder.add_dev({"id": 0, "region": 1, "zone": 1, "ip": "127.0.0.1", "port": int(port), "device": "d1", "weight": 1.0,
                     "replication_ip": "127.0.0.1", "replication_port": int(port), "meta": ""})
    builder.rebalance()
    builder.get_ring().save(f"{sys.argv[1]}/{role}.ring.gz")
"""


class Swift:
    """One store with an empty bucket."""

    bucket = BUCKET

    def __init__(self, running: dict[str, str] | None = None) -> None:
        """A new store, or the one that is *running*."""
        if running:
            self.endpoint, self.credentials, self._log = (
                running["endpoint"],
                Path(running["credentials"]),
                None,
            )
            return
        needs.programs("swift-proxy-server", *(f"swift-{role}-server" for role in ROLES))
        self.folder = Path(tempfile.mkdtemp(prefix="edubox-swift-"))
        self.user, self._as = pwd.getpwuid(os.getuid()).pw_name, {}
        if os.getuid() == 0:
            other = pwd.getpwnam("swift")
            self.user = "swift"
            self._as = {"user": other.pw_uid, "group": other.pw_gid, "extra_groups": []}
        (self.folder / "disks" / "d1").mkdir(parents=True)
        self._try_attributes()
        *ports, self.port = free_ports(4)
        self.endpoint = f"http://127.0.0.1:{self.port}"
        (self.folder / "swift.conf").write_text(_SWIFT)
        for role, port in zip(ROLES, ports, strict=True):
            text = _BACKEND.format(role=role, port=port, folder=self.folder, user=self.user)
            (self.folder / f"{role}-server.conf").write_text(text)
        rings = ",".join(f"{role}:{port}" for role, port in zip(ROLES, ports, strict=True))
        self._call("/usr/bin/python3", "-c", _RINGS, str(self.folder), rings)
        (self.folder / "proxy-server.conf").write_text(
            _PROXY.format(port=self.port, folder=self.folder, user=self.user)
        )
        self.credentials = self.folder / "credentials"
        self.credentials.write_text(
            f"[default]\naws_access_key_id = {ACCESS}\naws_secret_access_key = {SECRET}\n"
        )
        if self._as:
            for path in (self.folder, *self.folder.rglob("*")):
                os.chown(path, self._as["user"], self._as["group"])
        self.folder.chmod(0o755)
        self._ports = dict(zip(ROLES, ports, strict=True))
        self._log = (self.folder / "log").open("ab")
        self._children: dict[str, subprocess.Popen[bytes]] = {}
        self._start(*ROLES, "proxy")
        self._make_bucket()

    def _try_attributes(self) -> None:
        try:
            os.setxattr(self.folder, "user.edubox", b"1")
        except OSError:
            shutil.rmtree(self.folder)
            needs.absent(
                f"no extended attributes in {tempfile.gettempdir()}: set TMPDIR to a folder that has them"
            )

    def _start(self, *names: str) -> None:
        for name in names:
            self._children[name] = subprocess.Popen(
                [f"/usr/bin/swift-{name}-server", self.folder / f"{name}-server.conf"],
                stdin=subprocess.DEVNULL, stdout=self._log, stderr=self._log, start_new_session=True, cwd="/",
                preexec_fn=tied(), **self._as,  # noqa: PLW1509 - one prctl
            )  # fmt: skip
        for name in names:
            wait_for(self._ports.get(name, self.port), self._children[name], self.folder / "log")

    def _make_bucket(self) -> None:
        import boto3
        from botocore.config import Config

        client = boto3.client(
            "s3", endpoint_url=self.endpoint, region_name="us-east-1",
            aws_access_key_id=ACCESS, aws_secret_access_key=SECRET,
            config=Config(signature_version="s3v4", s3={"addressing_style": "path"}),
        )  # fmt: skip
        client.create_bucket(Bucket=self.bucket)
        client.close()

    @contextlib.contextmanager
    def refuse(self) -> Iterator[None]:
        """Every request fails meanwhile: the proxy answers 503, since the processes behind it are gone."""
        for role in ROLES:
            end(self._children[role])
        try:
            yield
        finally:
            self._start(*ROLES)

    @contextlib.contextmanager
    def away(self) -> Iterator[None]:
        """Nobody listens meanwhile."""
        end(self._children["proxy"])
        try:
            yield
        finally:
            self._start("proxy")

    def told(self) -> dict[str, str]:
        """What another process needs to use it."""
        return {"endpoint": self.endpoint, "credentials": str(self.credentials)}

    def close(self) -> None:
        """End all of it, and remove its folder, if it is ours."""
        if self._log is None:
            return
        for child in self._children.values():
            end(child)
        self._log.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _call(self, *line: str) -> None:
        done = subprocess.run(line, stdin=subprocess.DEVNULL, capture_output=True, cwd="/", check=False)
        assert done.returncode == 0, (done.stdout + done.stderr).decode(errors="replace")
