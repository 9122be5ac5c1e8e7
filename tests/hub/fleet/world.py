"""Boxes of two academies that were taken in, and check in."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import insert

from edubox.hub.app import create_app
from edubox.hub.tables import boxes
from edubox.sync.checking import CheckIn
from edubox.trust import requests
from edubox.trust.keys import generate, signer

PATH = "/api/1/check-ins"
SAID = CheckIn(
    version="0.1.0", board="rpi-arm64", system=3, disk_free=20_000, disk_total=60_000, files_free=1_000_000, lessons=40, waiting=1,
    own=2, success_ago=3600, clock=0, clock_believed=True, month_hub=120, month_near=30,
)  # fmt: skip


class Fleet:
    """A hub's application and the boxes that know it."""

    def __init__(self, hub):
        self.hub, self.client = hub, create_app(hub).test_client()
        self.signers, self.rows, self.counters = {}, {}, {}

    def add(self, name, authority="ac-test", state="accepted", label="Collège"):
        """A box that the hub took in as ``<authority>/<name>``."""
        key = signer(generate())
        values = {
            column.name: column.type.python_type()
            for column in boxes.columns
            if not column.nullable and column.name != "id"
        }
        values |= {
            "local": f"local/{name:a<26}", "publisher": f"{authority}/{name}", "state": state, "authority": authority, "wanted": name,
            "label": f"{label} {name}", "kind": "school", "keyid": key.public_key.keyid, "key": key.public_key.keyval["public"],
            "root_version": 1, "root_sha256": "0" * 64, "roots": "[]", "epoch": 1,
        }  # fmt: skip
        made = self.hub.database.change(lambda connection: connection.execute(insert(boxes).values(**values)))
        self.signers[name], self.rows[name] = key, made.inserted_primary_key[0]
        self.counters[name] = 0
        return values["local"]

    def check_in(self, name, body=None, headers=None, **changed):
        """What the hub answers to the box *name*."""
        if body is None:
            body = replace(SAID, **{"clock": self.hub.now()} | changed).to_bytes()
        if headers is None:
            self.counters[name] += 1
            headers = requests.sign("POST", PATH, "", body, self.signers[name], self.counters[name])
        self.last = body, headers
        return self.client.post(PATH, data=body, headers=headers)
