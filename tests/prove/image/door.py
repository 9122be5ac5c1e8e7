"""Well-known names and passwords at the desk of a box: sent into the guest as it is, so it needs the standard library alone.

``python door.py ADDRESS [NAME/PASSWORD …]`` prints, as a list, which of all or of these pairs are let in. What it tries is what people try on any box that they find.
"""

from __future__ import annotations

import http.client
import json
import ssl
import sys
import urllib.parse

PAIRS = (
    ("pi", "raspberry"), ("root", "root"), ("root", "toor"), ("root", ""), ("admin", "admin"), ("admin", "password"), ("admin", ""),
    ("edubox", "edubox"), ("edubox", "admin"), ("administrateur", "administrateur"), ("ecole", "ecole"), ("teacher", "teacher"),
    ("debian", "debian"), ("user", "user"), ("kolibri", "kolibri"), ("moodle", "moodle"),
)  # fmt: skip


def let_in(address: str, pairs: list[tuple[str, str]] = list(PAIRS)) -> list[str]:  # noqa: B006 - never changed
    """Those of *pairs* (as ``name/password``) that the desk at *address* (``https://127.0.0.1``) lets in, by a session's cookie."""
    parts = urllib.parse.urlsplit(address)
    kind = http.client.HTTPConnection
    more = {}
    if parts.scheme == "https":
        kind, more = (
            http.client.HTTPSConnection,
            {"context": ssl._create_unverified_context()},
        )  # its own certificate
    found = []
    for name, password in pairs:
        asked = kind(parts.netloc, timeout=120, **more)
        body = urllib.parse.urlencode({"name": name, "password": password, "next": ""})
        headers = {"Origin": address, "Content-Type": "application/x-www-form-urlencoded"}
        asked.request("POST", "/bureau/entrer/", body, headers)
        answer = asked.getresponse()
        answer.read()
        if answer.status < 400 and answer.headers.get("Set-Cookie"):
            found.append(f"{name}/{password}")
        asked.close()
    return found


if __name__ == "__main__":
    print(
        json.dumps(let_in(sys.argv[1], [tuple(pair.split("/", 1)) for pair in sys.argv[2:]] or list(PAIRS)))
    )
