"""Scratch 3 (``.sb3``): a costume as picture, the names of its sprites and what its author noted beside the blocks."""

from __future__ import annotations

import json
import zipfile
from typing import Any

from edubox.errors import BadArchive, Bomb
from edubox.importers.notices import Notice
from edubox.importers.office_archive import read_part
from edubox.importers.project_card import MAX_NAMES, Project, card
from edubox.importers.workshop import Imported, Workshop, spoken, title_of
from edubox.pack.archive import open_archive

EXTENSIONS = ("sb3",)
_PROJECT = "project.json"
_MAX_PROJECT, _MAX_PICTURE = 8 * 1024 * 1024, 2 * 1024 * 1024
#: Pictures that a page may show, and how they begin; drawings (SVG) are left to Scratch.
_BEGINNINGS = {"png": b"\x89PNG\r\n\x1a\n", "jpg": b"\xff\xd8\xff"}


def read(path: str, workshop: Workshop) -> Imported | None:
    """Import the project *path*, or warn and give None if it cannot be read: it stays a download."""
    try:
        with open_archive(workshop.files[path].location) as archive:
            data = read_part(archive, _PROJECT, _MAX_PROJECT)
            targets = _targets(data) if data is not None else []
            costumes = [one for target in reversed(targets) for one in _objects(target.get("costumes"))]
            kind, picture = next(
                (
                    (kind, found)
                    for one in costumes[:MAX_NAMES]
                    if (kind := _kind(one)) and (found := _picture(archive, one, kind))
                ),
                ("png", None),
            )
    except (BadArchive, Bomb):
        targets = []
    if not targets:
        workshop.warn(
            Notice(
                "%(path)s is offered as a download only: %(reason)s.", path=path,
                reason=Notice("it is not a Scratch project, or it is not whole"),
            )
        )  # fmt: skip
        return None
    names = [title_of(_text(one, "name")) for one in targets if one.get("isStage") is not True]
    notes = [_text(one, "text") for target in targets for one in _objects(target.get("comments"))]
    text = title_of(" · ".join(note for note in notes[:MAX_NAMES] if note))
    project = Project(
        "Scratch", spoken(workshop.given[path]), text, tuple(filter(None, names)), picture, kind
    )
    return card(path, project, workshop)


def _targets(data: bytes) -> list[dict[str, Any]]:
    """The stage and the sprites, or nothing."""
    try:
        project = json.loads(data)
    except (ValueError, RecursionError):
        return []
    return _objects(project.get("targets")) if isinstance(project, dict) else []


def _objects(value: Any) -> list[dict[str, Any]]:
    listed = list(value.values()) if isinstance(value, dict) else value
    return [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []


def _text(described: dict[str, Any], key: str) -> str:
    value = described.get(key)
    return value.encode("utf-8", "ignore").decode() if isinstance(value, str) else ""


def _kind(costume: dict[str, Any]) -> str:
    kind = _text(costume, "dataFormat").lower().replace("jpeg", "jpg")
    return kind if kind in _BEGINNINGS else ""


def _picture(archive: zipfile.ZipFile, costume: dict[str, Any], kind: str) -> bytes | None:
    data = read_part(archive, _text(costume, "md5ext"), _MAX_PICTURE)
    return data if data is not None and data.startswith(_BEGINNINGS[kind]) else None
