"""Tries to get in to a box that was just made: what its root holds, what its screen asks, what its desk lets in.

``find_credentials`` is asked of a running machine, as whoever found it would: with the names and passwords that people try, at the
serial line and at the desk. What it looks for in the root itself is the image's own look (``edubox.hardware.image.credentials``),
once more from inside, since a first start could have made something.
"""

from __future__ import annotations

import base64
import gzip
import json
import select
import socket
import time
from pathlib import Path

from tests.prove.image import door
from tests.prove.image.machine import Machine

#: Seconds in which a line that was typed is answered, here where nothing is fast, and of silence after which nothing more comes.
_ANSWERS, _SILENCE = 6.0, 2.0
#: What an answer says to ``id`` typed at a shell.
_INSIDE = "uid="
_LOCKED = {"*", "!", "!*", "!!"}
#: Where keys may be: the box's own and the system's folder, on the data partition.
_FIND = (
    r"find / \( -path /proc -o -path /sys -o -path /data -o -path /run/system/below \) -prune -o -type f "
    r"\( -name authorized_keys -o -name 'ssh_host_*_key' -o -name 'id_rsa' -o -name 'id_ed25519' -o -name '*.key' -o -name shadow- \) -print; "
    r"grep -rlE -- '^-----BEGIN [A-Z ]*PRIVATE KEY-----' /etc /root /home /srv /opt /usr/local /usr/share/edubox /var /run/edubox /boot 2>/dev/null"
)


def find_credentials(machine: Machine) -> list[str]:
    """What lets somebody in to *machine*, whose box has never met an administrator; nothing is what it should be."""
    return [*_accounts(machine), *_keys(machine), *_at_the_line(machine.line), *_at_the_desk(machine)]


def _accounts(machine: Machine) -> list[str]:
    shadow = [line.split(":") for line in machine.ask("cat /etc/shadow").split() if ":" in line]
    passwd = [line.split(":") for line in machine.ask("cat /etc/passwd").splitlines() if ":" in line]
    assert {line[0] for line in shadow} >= {"root", "edubox"}, shadow
    found = [f"{line[0]} can log in by /etc/shadow" for line in shadow if line[1] not in _LOCKED]
    found += [f"{line[0]} can log in by /etc/passwd" for line in passwd if line[1] != "x"]
    return found + [f"{line[0]} is a second root" for line in passwd if line[2] == "0" and line[0] != "root"]


def _keys(machine: Machine) -> list[str]:
    found = [f"{path} is a key" for path in machine.ask(_FIND).split() if path.startswith("/")]
    open_to_others = machine.ask(
        "find /data -type f -perm /044 \\( -path '*/keys/*' -o -name 'code' -o -name network.toml \\) -print"
    )
    public = ("root.json", "clock.json", "epochs.json", "desk.crt")
    found += [
        f"{path} is open to others"
        for path in open_to_others.split()
        if path.startswith("/") and Path(path).name not in public
    ]
    one = machine.ask("cat /etc/machine-id /data/system/machine-id").split()
    return found + (
        [] if len(set(one)) == 1 and len(one) == 2 else [f"the number of this computer is not its own: {one}"]
    )


def _at_the_line(line: Path) -> list[str]:
    """Type each pair as at any other system, then ``id``: nothing may answer as a shell does."""
    found = []
    with socket.socket(socket.AF_UNIX) as typed:
        typed.connect(str(line))
        for name, password in door.PAIRS:
            heard = _type(typed, name) + _type(typed, password) + _type(typed, "id") + _type(typed, "0")
            if _INSIDE in heard:
                found.append(f"{name}/{password} gets a shell on the serial line")
            if "assword:" in heard:
                found.append("the serial line asks for a password")
    return found


def _type(line: socket.socket, text: str) -> str:
    line.sendall(f"{text}\n".encode())
    heard, end = b"", time.monotonic() + _ANSWERS
    while (left := end - time.monotonic()) > 0 and select.select([line], [], [], min(left, _SILENCE))[0]:
        heard += line.recv(65_536)
    return heard.decode("utf-8", "replace")


def _at_the_desk(machine: Machine) -> list[str]:
    """Ask the desk from inside, by HTTPS, where nothing lies between; a pair at a time, since each may take as long as a step does."""
    # Packed: a terminal takes 4096 letters a line.
    sent = base64.b64encode(gzip.compress(Path(door.__file__).read_bytes())).decode()
    machine.ask(f"echo {sent} | base64 -d | gzip -dc > /tmp/door.py")
    found = []
    for name, password in door.PAIRS:
        said = machine.ask(
            f"/usr/lib/edubox/bin/python3 /tmp/door.py https://127.0.0.1 '{name}/{password}' 2>&1"
        )
        begin = said.find("[")
        assert begin >= 0, f"the desk was not asked: {said}"
        found += [f"the desk lets {pair} in" for pair in json.loads(said[begin : said.rindex("]") + 1])]
    return found
