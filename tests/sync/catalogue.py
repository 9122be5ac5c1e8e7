"""A catalogue in one JSON file, a real implementation of the contract for tests of the sync room."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

from edubox.store.platform import write_atomic
from edubox.sync.catalogue import Installed


class JsonCatalogue:
    """Each call reads the file and replaces it whole."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def _read(self) -> dict:
        try:
            return json.loads(self.path.read_bytes())
        except FileNotFoundError:
            return {"lessons": {}, "verified": {}, "fresh": {}, "country": None}

    def _write(self, value: dict) -> None:
        write_atomic(self.path, json.dumps(value).encode())

    def installed(self):
        return [
            Installed(*address.rsplit("/", 1), one["version"], one["manifest"], one["state"])
            for address, one in self._read()["lessons"].items()
        ]

    def activate(self, publisher, slug, index, manifest, tree: Path, *, complete: bool) -> None:
        assert index.manifest == manifest.id
        here = [file for file in manifest.files if complete or not file.media]
        assert all((tree / file.path).stat().st_size == file.size for file in here), (
            "activated before it was whole"
        )
        value = self._read()
        value["lessons"][f"{publisher}/{slug}"] = {
            "version": index.version, "manifest": index.manifest, "state": "ready" if complete else "waiting",
        }  # fmt: skip
        self._write(value)

    def withdraw(self, publisher, slug, version) -> None:
        assert version > 0
        value = self._read()
        value["lessons"].pop(f"{publisher}/{slug}", None)
        self._write(value)

    def miss_media(self, publisher, slug) -> None:
        value = self._read()
        if f"{publisher}/{slug}" in value["lessons"]:
            value["lessons"][f"{publisher}/{slug}"]["state"] = "waiting"
        self._write(value)

    def moved(self, old, new) -> None:
        value = self._read()
        for address, one in list(value["lessons"].items()):
            publisher, slug = address.rsplit("/", 1)
            if publisher == old:
                del value["lessons"][address]
                there = value["lessons"].get(f"{new}/{slug}", one)
                value["lessons"][f"{new}/{slug}"] = max(one, there, key=lambda lesson: lesson["version"])
        for kept in (value["verified"], value["fresh"]):
            if f"publishers/{old}" in kept:
                kept[f"publishers/{new}"] = kept.pop(f"publishers/{old}")
        self._write(value)

    def forget_traces(self) -> None:
        self._write(self._read())

    def set_country(self, data: bytes) -> None:
        value = self._read()
        value["country"] = data.decode()
        self._write(value)

    def verified(self, repository, label, moment: datetime, stale_since) -> None:
        value = self._read()
        value["verified"][repository] = [
            label, moment.isoformat(), stale_since.isoformat() if stale_since else None,
        ]  # fmt: skip
        if stale_since is None:
            value["fresh"][repository] = moment.isoformat()
        self._write(value)

    def last_fresh(self, repository):
        moment = self._read()["fresh"].get(repository)
        return datetime.fromisoformat(moment) if moment else None
