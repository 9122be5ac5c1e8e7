"""Every way in that systems ship by mistake is found in a root, and one without any is left in peace."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from edubox.errors import BadImage
from edubox.hardware.boards import read
from edubox.hardware.files import hardware_folder
from edubox.hardware.image import credentials, root

SHADOW = "root:*:20000:0:99999:7:::\ndaemon:*:20000:0:99999:7:::\nedubox:!*:20000::::::\n"
PASSWD = "root:x:0:0:root:/root:/bin/bash\nedubox:x:800:800::/nonexistent:/usr/sbin/nologin\n"


@pytest.fixture
def made(tmp_path):
    """A small root like the one of an image: nobody logs in, and what stands in it is said to be harmless."""
    put(tmp_path, "etc/shadow", SHADOW)
    put(tmp_path, "etc/passwd", PASSWD)
    put(tmp_path, "etc/group", "root:x:0:\nedubox:x:800:www-data\n")
    put(tmp_path, "etc/gshadow", "root:*::\nedubox:!::www-data\nusers:::\n")
    put(tmp_path, "etc/machine-id", "")
    put(tmp_path, "etc/ssl/certs/country.pem", "-----BEGIN CERTIFICATE-----\nMII\n")
    put(tmp_path, "etc/systemd/system/x.service.d/a.conf", "[Service]\nEnvironment=A=1\n")
    put(tmp_path, "usr/lib/python3/test/key.py", 'KEY = """\n-----BEGIN PRIVATE KEY-----\n"""\n')
    put(tmp_path, "usr/share/edubox/card/root.json", "{}")
    (tmp_path / "boot").mkdir()
    mask = tmp_path / "etc/systemd/system/debug-shell.service"
    mask.symlink_to("/dev/null")
    return tmp_path


def put(folder, name, said, mode=0o644):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(said)
    path.chmod(mode)


def test_a_root_without_a_way_in_is_good(made):
    assert list(credentials.found(made)) == []
    root.check(made)


@pytest.mark.parametrize(
    ("name", "said", "why"),
    [
        ("etc/shadow", SHADOW.replace("root:*", "root:$y$j9T$abc"), "root can log in"),
        ("etc/shadow", SHADOW.replace("root:*", "root:"), "root can log in"),
        ("etc/shadow", SHADOW + "pi:$6$x$raspberry:1::::::\n", "pi can log in"),
        ("etc/shadow", SHADOW.replace("edubox:!*", "edubox:!$6$locked-but-known"), "edubox can log in"),
        ("etc/passwd", PASSWD.replace("root:x", "root:"), "root can log in by etc/passwd"),
        ("etc/passwd", PASSWD + "pi:$1$abc:1000:1000::/home/pi:/bin/sh\n", "pi can log in by etc/passwd"),
        ("etc/passwd", PASSWD + "service:x:0:0::/:/bin/sh\n", "service is a second root"),
        ("etc/group", "sudo:$1$abc:27:\n", "sudo can log in by etc/group"),
        ("etc/gshadow", "sudo:$6$abc::\n", "sudo can log in by etc/gshadow"),
        ("etc/machine-id", "0123456789abcdef0123456789abcdef\n", "etc/machine-id is the number of one computer"),
        ("root/.ssh/authorized_keys", "ssh-ed25519 AAAA\n", "root/.ssh/authorized_keys is a secret"),
        ("usr/lib/x/authorized_keys", "ssh-ed25519 AAAA\n", "usr/lib/x/authorized_keys is a secret"),
        ("etc/ssh/ssh_host_rsa_key", "x", "etc/ssh/ssh_host_rsa_key is a secret"),
        ("home/pi/.ssh/id_ed25519", "x", "home/pi/.ssh/id_ed25519 is a secret"),
        ("var/lib/systemd/credential.secret", "x", "var/lib/systemd/credential.secret is a secret"),
        ("opt/vendor/box.key", "-----BEGIN EC PRIVATE KEY-----\n", "opt/vendor/box.key is a secret"),
        ("srv/tls.pem", "x\n" * 5000 + "-----BEGIN PRIVATE KEY-----\n", "srv/tls.pem is a secret"),
        ("usr/local/etc/a", "-----BEGIN OPENSSH PRIVATE KEY-----\n", "usr/local/etc/a is a secret"),
        ("etc/systemd/system/getty@tty1.service.d/a.conf", "ExecStart=-/sbin/agetty --autologin root %I\n", "etc/systemd/system/getty@tty1.service.d/a.conf lets somebody in by itself"),
        ("etc/systemd/system/serial-getty@.service", "ExecStart=-/sbin/agetty -a root -8 %I\n", "etc/systemd/system/serial-getty@.service lets somebody in by itself"),
        ("etc/systemd/system/emergency.service.d/a.conf", "Environment=SYSTEMD_SULOGIN_FORCE=1\n", "etc/systemd/system/emergency.service.d/a.conf lets somebody in by itself"),
        ("etc/sudoers.d/010_pi", "pi ALL=(ALL) NOPASSWD: ALL\n", "etc/sudoers.d/010_pi gives rights without a password"),
    ],
)  # fmt: skip
def test_a_way_in_is_found_and_stops_the_image(made, name, said, why):
    put(made, name, said)
    assert why in list(credentials.found(made))
    with pytest.raises(BadImage, match=why.split()[0]):
        root.check(made)


def test_a_shell_that_waits_on_a_screen_is_found(made):
    wants = made / "etc/systemd/system/sysinit.target.wants"
    wants.mkdir()
    (wants / "debug-shell.service").symlink_to("/usr/lib/systemd/system/debug-shell.service")
    assert list(credentials.found(made)) == [
        "etc/systemd/system/sysinit.target.wants/debug-shell.service is a shell that waits"
    ]


@pytest.mark.parametrize("board", ["pc-amd64", "rpi-arm64"])
def test_what_is_laid_into_every_image_lets_nobody_in_and_asks_for_no_password(made, board):
    root._lay(hardware_folder() / "root", made)
    root._choose_units(made, read(board))
    assert list(credentials.found(made)) == []
    for unit in ("getty@.service", "serial-getty@.service", "autovt@.service"):
        place = made / "etc/systemd/system" / unit
        assert os.readlink(place) == "/usr/lib/systemd/system/edubox-console@.service"
    assert not [
        name for name in read(board).packages if name.startswith(("openssh-server", "dropbear", "telnetd"))
    ]
    assert Path(made / "etc/systemd/logind.conf.d/edubox.conf").is_file()
