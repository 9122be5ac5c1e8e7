"""What may be in a root that goes to forty schools, and the list of it."""

from __future__ import annotations

import json

import pytest

from edubox.errors import BadImage
from edubox.hardware.image import root, sbom

STATUS = """Package: libc6
Status: install ok installed
Architecture: amd64
Version: 2.41-12

Package: gone
Status: deinstall ok config-files
Architecture: amd64
Version: 1

Package: g++
Status: install ok installed
Architecture: amd64
Version: 1:14.2+1
"""


@pytest.fixture
def made(tmp_path):
    for name in ("etc/ssl", "root", "var/lib/dpkg", "usr/share/edubox"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "etc/shadow").write_text("root:*:20000:0:99999:7:::\nedubox:!*:20000::::::\n")
    (tmp_path / "etc/machine-id").write_text("")
    (tmp_path / "var/lib/dpkg/status").write_text(STATUS)
    return tmp_path


def test_a_root_in_which_nobody_can_log_in_is_good(made):
    root.check(made)


@pytest.mark.parametrize("secret", ["$y$j9T$abc", "", "!$6$locked-but-known"])
def test_a_password_or_none_at_all_is_refused(made, secret):
    (made / "etc/shadow").write_text(f"root:{secret}:20000:0:99999:7:::\n")
    with pytest.raises(BadImage, match="root can log in"):
        root.check(made)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("etc/ssh/ssh_host_ed25519_key", b"-----BEGIN OPENSSH PRIVATE KEY-----\n"),
        ("etc/ssl/private/box.key", b"-----BEGIN PRIVATE KEY-----\n"),
        ("etc/nginx/server.pem", b"-----BEGIN CERTIFICATE-----\n" * 200 + b"-----BEGIN PRIVATE KEY-----\n"),
        ("var/lib/systemd/random-seed", b"\1" * 512),
        ("etc/machine-id", b"0123456789abcdef0123456789abcdef\n"),
        ("root/.ssh/authorized_keys", b"ssh-ed25519 AAAA\n"),
    ],
)
def test_what_every_box_must_have_for_itself_is_refused(made, name, data):
    (made / name).parent.mkdir(parents=True, exist_ok=True)
    (made / name).write_bytes(data)
    with pytest.raises(BadImage, match=f"{name} "):
        root.check(made)


def test_the_list_of_what_is_in_it_names_debian_and_python(made):
    site = made / "usr/lib/edubox/lib/python3.13/site-packages/flask-3.1.dist-info"
    site.mkdir(parents=True)
    (site / "METADATA").write_text("Metadata-Version: 2.4\nName: Flask\nVersion: 3.1\n\nFlask: a text\n")
    suites = ["trixie", "trixie-security"]
    listed = sbom.describe(made, "pc-amd64", 1764000000, suites)
    assert listed == sbom.describe(made, "pc-amd64", 1764000000, suites)
    value = json.loads(listed)
    assert value["spdxVersion"] == "SPDX-2.3"
    assert value["comment"] == "Debian trixie, trixie-security"
    assert [one["externalRefs"][0]["referenceLocator"] for one in value["packages"]] == [
        "pkg:deb/debian/g%2B%2B@1:14.2%2B1?arch=amd64",
        "pkg:deb/debian/libc6@2.41-12?arch=amd64",
        "pkg:pypi/flask@3.1",
    ]
    assert len({one["SPDXID"] for one in value["packages"]}) == 3
