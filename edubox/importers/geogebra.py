"""GeoGebra (``.ggb``): the picture that GeoGebra keeps of the construction, its title and the names of its objects."""

from __future__ import annotations

from edubox.errors import BadArchive, Bomb
from edubox.importers.notices import Notice
from edubox.importers.office_archive import read_part
from edubox.importers.project_card import MAX_NAMES, Project, card
from edubox.importers.workshop import Imported, Workshop, spoken, title_of
from edubox.importers.xml_tree import BadXml, read_xml
from edubox.pack.archive import open_archive

EXTENSIONS = ("ggb",)
_CONSTRUCTION, _PICTURE = "geogebra.xml", "geogebra_thumbnail.png"
_MAX_CONSTRUCTION, _MAX_PICTURE = 4 * 1024 * 1024, 2 * 1024 * 1024
_PNG = b"\x89PNG\r\n\x1a\n"


def read(path: str, workshop: Workshop) -> Imported | None:
    """Import the construction *path*, or warn and give None if it cannot be read: it stays a download."""
    try:
        with open_archive(workshop.files[path].location) as archive:
            described = read_part(archive, _CONSTRUCTION, _MAX_CONSTRUCTION)
            picture = read_part(archive, _PICTURE, _MAX_PICTURE)
        root = read_xml(described) if described is not None else None
    except (BadArchive, Bomb, BadXml):
        root = None
    if root is None:
        workshop.warn(
            Notice(
                "%(path)s is offered as a download only: %(reason)s.", path=path,
                reason=Notice("it is not a GeoGebra file, or it is not whole"),
            )
        )  # fmt: skip
        return None
    construction = root.first("construction")
    said = construction.attributes if construction else {}
    names: list[str] = []
    for one in construction.children if construction else []:
        caption = one.first("caption")
        if one.name == "element" and len(names) < MAX_NAMES:
            names.append(
                title_of(caption.attributes.get("val", "") if caption else one.attributes.get("label", ""))
            )
    title = title_of(said.get("title", "")) or spoken(workshop.given[path])
    shown = picture if picture is not None and picture.startswith(_PNG) else None
    return card(path, Project("GeoGebra", title, names=tuple(filter(None, names)), picture=shown), workshop)
