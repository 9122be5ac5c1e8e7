"""A school's data folder for tests: real files, real trees, told to a real catalogue."""

from __future__ import annotations

import contextlib
import hashlib
from datetime import UTC, datetime
from pathlib import Path

import tests.serving
from edubox.box.catalog import Catalogue
from edubox.pack import canonical
from edubox.pack.index import Bundle, Index
from edubox.pack.manifest import File, Item, Manifest
from edubox.pack.media_types import media_type
from edubox.settings import SETTINGS
from edubox.store.layout import object_path
from edubox.store.site import Site

NOW = datetime(2026, 11, 24, 8, tzinfo=UTC)
COUNTRY = {
    "format": 1, "id": "xx", "name": {"fr": "Testlande", "en": "Testland"}, "languages": ["fr", "en"],
    "tier": [{"id": "ministry", "name": {"fr": "Ministère", "en": "Ministry"}}],
    "level": [
        {"id": "sixieme", "name": {"fr": "Sixième", "en": "Year 7"}, "short": {"fr": "6e", "en": "Y7"}},
        {"id": "cinquieme", "name": {"fr": "Cinquième", "en": "Year 8"}, "short": {"fr": "5e", "en": "Y8"}},
    ],
    "subject": [
        {"id": "maths", "name": {"fr": "Mathématiques", "en": "Mathematics"}, "colour": "#2563eb", "icon": "calculator"},
        {"id": "svt", "name": {"fr": "Sciences de la vie et de la Terre", "en": "Life and Earth sciences"},
         "colour": "#2f9e44", "icon": "leaf"},
        {"id": "histoire", "name": {"fr": "Histoire-géographie", "en": "History and geography"}, "colour": "#c2410c",
         "icon": "globe"},
    ],
}  # fmt: skip


def page(title: str, body: str = "") -> bytes:
    """A web page."""
    return f"<!doctype html><html lang=fr><meta charset=utf-8><title>{title}</title><h1>{title}</h1>{body}".encode()


def manifest_of(
    files: dict[str, bytes], title="La leçon", language="fr", toc=None, types=None, **metadata
) -> Manifest:
    """The manifest of *files*; without *toc*, every file is a part."""
    types = types or {}
    listed = tuple(
        File(path, hashlib.sha256(data).hexdigest(), len(data), types.get(path) or media_type(path))
        for path, data in sorted(files.items())
    )
    toc = toc or tuple(Item(path, "html", path) for path in files)
    original, image = metadata.pop("original", None), metadata.pop("image", None)
    return Manifest(title, language, tuple(toc), listed, metadata, original=original, image=image)


class School:
    """One data folder."""

    def __init__(self, data: Path, country: dict | None = COUNTRY) -> None:
        self.data = data
        for name in ("mirror", "site", "keys", "staging"):
            (data / name).mkdir(parents=True, exist_ok=True)
        self.catalogue = Catalogue(data)
        if country is not None:
            self.catalogue.set_country(canonical.write(country))

    def add(
        self,
        slug: str,
        files: dict[str, bytes],
        *,
        absent=(),
        publisher="ministry/test",
        version=1,
        **described,
    ) -> str:
        """Install a lesson as a synchronisation would; files in *absent* are still on their way. Its manifest's id."""
        return self.install(
            slug, manifest_of(files, **described), files, absent=absent, publisher=publisher, version=version
        )

    def install(self, slug, manifest, files, *, absent=(), publisher="ministry/test", version=1) -> str:
        for path, data in files.items():
            place = self.data / "mirror" / object_path(manifest.file(path).sha256)
            if path not in absent and not place.exists():
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(data)
        site = Site(self.data)
        tree = site.build(manifest.id, [file for file in manifest.files if file.path not in absent])
        self.catalogue.activate(
            "/".join(publisher.split("/")),
            slug,
            index_of(manifest, version),
            manifest,
            tree,
            complete=not absent,
        )
        return manifest.id


def index_of(manifest: Manifest, version: int = 1) -> Index:
    size = len(manifest.to_bytes())
    bundle = Bundle("0" * 64, 100, manifest.size, len(manifest.files))
    return Index(
        manifest.name,
        manifest.language,
        version,
        "2026-11-24T08:00Z",
        manifest.id,
        size,
        manifest.size,
        (bundle,),
    )


def settings(**given) -> dict:
    return (
        {one.name: one.default for one in SETTINGS}
        | {"name": "Collège Marie-Curie", "announce": False, "desk_port": 0}
        | given
    )


@contextlib.contextmanager
def serving(data: Path, keeper=None, role: str = "", **given):
    """Both origins of *data* in this process, on free loopback ports; gives the two base addresses.

    With a *role*, every browser there has come in to the desk as somebody of that role.
    """
    from edubox.box.app import create_app
    from edubox.box.lessons import lesson_app
    from edubox.pages.player import players
    from edubox.store.server import listen
    from tests.box.desk_client import Inside

    sockets = [listen("127.0.0.1", 0, "--port") for _ in range(2)]
    pages, lessons = (sock.getsockname()[1] for sock in sockets)
    chosen = settings(port=pages, lesson_port=lessons, **given)
    played = players(chosen["players"])
    app = create_app(data, chosen, keeper)
    applications = [
        Inside(app, data, role) if role else app,
        lesson_app(data, pages, players=played, school_domain=chosen["school_domain"]),
    ]
    with contextlib.ExitStack() as stack:
        yield tuple(
            stack.enter_context(tests.serving.serving(app, sock, threads=4)).rstrip("/")
            for app, sock in zip(applications, sockets, strict=True)
        )
