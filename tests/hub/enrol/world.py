"""A hub with two academies, and boxes in memory that ask it: each a chain of roots and a writer key."""

from __future__ import annotations

import base64
import csv
import io
import json
from datetime import timedelta

from edubox.hub.enrol import asking, codes, signing
from edubox.hub.enrol.limits import Limit
from edubox.trust import publisher, requests
from edubox.trust.codes import new_code
from edubox.trust.keys import generate, signer
from tests.hub.conftest import BEGIN, PASSPHRASE

NORTH, SOUTH = "ac-test", "ac-sud"
OFFICER = "marie"
PATH = "/api/1/enrolments"


class Memory:
    """Files of one repository, as a Fetch."""

    def __init__(self, files):
        self.files = dict(files)

    def read(self, path, limit):
        del limit
        from edubox.errors import MissingFile

        if path not in self.files:
            raise MissingFile(source="memory", path=path)
        return self.files[path]


class Asker:
    """A box: what it would send."""

    def __init__(self, label="Collège Moulin", name="college-moulin"):
        self.root, self.writer = signer(generate()), signer(generate())
        self.local, files = publisher.create_local(self.root, self.writer, BEGIN)
        self.memory = Memory(files)
        self.label, self.name, self.counter = label, name, 0

    @property
    def prefix(self):
        return publisher.prefix(self.local)

    @property
    def roots(self):
        found = []
        while (path := f"{self.prefix}/metadata/{len(found) + 1}.root.json") in self.memory.files:
            found.append(self.memory.files[path])
        return found

    def rekey(self):
        """The card died; the school goes on by its recovery code."""
        self.writer = signer(generate())
        self.memory.files |= publisher.rekey(
            self.memory, self.local, self.root, self.writer, BEGIN + timedelta(days=len(self.roots))
        )
        self.counter = 0

    def body(self, code="", authority="", **changed):
        value = {
            "format": 1, "roots": [base64.b64encode(one).decode() for one in self.roots], "label": self.label, "kind": "school",
            "code": code, "authority": authority, "name": self.name,
        }  # fmt: skip
        return json.dumps(value | changed).encode()

    def headers(self, body, method="POST", path=PATH, query=""):
        self.counter += 1
        return requests.sign(method, path, query, body, self.writer, self.counter)

    def filed(self, code=""):
        body = self.body(code)
        value = {
            "format": 1, "kind": "edubox enrolment", "method": "POST", "path": PATH, "headers": self.headers(body),
            "body": base64.b64encode(body).decode(),
        }  # fmt: skip
        return json.dumps(value).encode()

    def ask(self, hub, code="", body=None, headers=None, limit=None, side="a side", **changed):
        body = self.body(code, **changed) if body is None else body
        headers = self.headers(body) if headers is None else headers

        def prove(key_of):
            return requests.verify("POST", PATH, "", headers, body, key_of)

        return asking.ask(hub, body, prove, "internet, IPv4", limit or Limit(hub), side)


def table(rows):
    """A list of codes as the technician's program writes it; *rows* are name, hostname, code."""
    out = io.StringIO()
    written = csv.writer(out, delimiter=";")
    written.writerow(("name", "hostname", "code", "written"))
    written.writerows((*row, "") for row in rows)
    return out.getvalue().encode("utf-8-sig")


def give_codes(
    hub, count=1, authority=NORTH, name="rentrée", school="Collège Moulin", hostname="", expires=None
):
    """*count* new codes on the list *name*."""
    made = [new_code() for _ in range(count)]
    rows = [
        (school if count == 1 else f"{school} {number}", hostname, code)
        for number, code in enumerate(made, 1)
    ]
    codes.import_list(hub, authority, name, table(rows), OFFICER, expires)
    return made[0] if count == 1 else made


def sign_all(hub, *authorities):
    """The academies' signature, with the keys that are on the hub."""
    lines = [line for line in signing.waiting(hub) if not authorities or line.authority in authorities]
    signers = {one: hub.workplace.signer(f"authorities/{one}", PASSPHRASE) for one in (NORTH, SOUTH)}
    return signing.sign(hub, signers, lines, OFFICER)
