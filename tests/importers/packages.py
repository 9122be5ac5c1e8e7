"""Small containers made in memory: an H5P exercise, a book, a course."""

from __future__ import annotations

import io
import json
import zipfile


def zipped(members, compression=zipfile.ZIP_DEFLATED):
    """The bytes of a zip with *members*, name → text or bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()


def dependency(key):
    """``"H5P.Blanks 1.14"`` as h5p.json and library.json write it."""
    name, _, version = key.partition(" ")
    major, _, minor = version.partition(".")
    return {"machineName": name, "majorVersion": int(major), "minorVersion": int(minor)}


def library(key, needs=(), script=b"x", **more):
    """The files of the library *key*, which *needs* others."""
    folder = key.replace(" ", "-")
    described = (
        dependency(key)
        | {"patchVersion": 3, "preloadedDependencies": [dependency(one) for one in needs]}
        | more
    )
    return {f"{folder}/library.json": json.dumps(described), f"{folder}/main.js": script}


def h5p_members(content=None, main="H5P.Tiny 1.0", needs=("H5P.Tiny 1.0",), libraries=None, **described):
    """The members of an exercise made with *main*."""
    package = {
        "title": "Le quiz", "language": "fr", "mainLibrary": main.partition(" ")[0], "preloadedDependencies": [dependency(one) for one in needs],
    } | described  # fmt: skip
    own = library("H5P.Tiny 1.0") if libraries is None else libraries
    return {
        "h5p.json": json.dumps(package),
        "content/content.json": json.dumps(content or {"question": "<p>Où est le chat ?</p>"}),
        **own,
    }


def h5p(*args, **described):
    """The bytes of an exercise."""
    return zipped(h5p_members(*args, **described))


CONTAINER = """<?xml version="1.0"?><container xmlns="urn:oasis:names:tc:opendocument:xmlns:container" version="1.0"><rootfiles>
<rootfile full-path="OPS/book.opf" media-type="application/oebps-package+xml"/></rootfiles></container>"""


def epub_members(
    metadata="<dc:title>Le livre</dc:title><dc:language>ar</dc:language>", manifest="", more=None, chapters=2
):
    """The members of a book."""
    names = [f"ch{number}.xhtml" for number in range(1, chapters + 1)]
    items = "".join(f'<item id="{name}" href="{name}" media-type="application/xhtml+xml"/>' for name in names)
    spine = "".join(f'<itemref idref="{name}"/>' for name in names)
    package = f"""<?xml version="1.0"?><package xmlns="http://www.idpf.org/2007/opf" version="3.0"><metadata
    xmlns:dc="http://purl.org/dc/elements/1.1/">{metadata}</metadata><manifest>{items}{manifest}</manifest><spine>{spine}</spine></package>"""
    pages = {
        f"OPS/{name}": f'<html xmlns="http://www.w3.org/1999/xhtml"><head><title>{name}</title></head><body><p>Le mot {name}</p></body></html>'
        for name in names
    }
    return {
        "mimetype": "application/epub+zip",
        "META-INF/container.xml": CONTAINER,
        "OPS/book.opf": package,
        **pages,
    } | (more or {})


def epub(*args, **given):
    """The bytes of a book."""
    return zipped(epub_members(*args, **given))


def imsmanifest(
    items, resources, schema="<schema>ADL SCORM</schema><schemaversion>1.2</schemaversion>", title="Le golf"
):
    """A manifest with one organisation of *items* over *resources*, both XML."""
    return f"""<?xml version="1.0"?><manifest identifier="m" xmlns="http://www.imsproject.org/xsd/imscp_rootv1p1p2"
    xmlns:adlcp="http://www.adlnet.org/xsd/adlcp_rootv1p2"><metadata>{schema}</metadata><organizations default="o">
    <organization identifier="o"><title>{title}</title>{items}</organization></organizations><resources>{resources}</resources></manifest>"""


def entry(name, ref, title, inside="", **more):
    """One item of an organisation."""
    extra = "".join(f' {key}="{value}"' for key, value in more.items())
    return f'<item identifier="{name}" identifierref="{ref}"{extra}><title>{title}</title>{inside}</item>'


def resource(name, href, kind="sco", **more):
    """One resource, a SCO or an asset."""
    extra = "".join(f' {key}="{value}"' for key, value in more.items())
    return f'<resource identifier="{name}" type="webcontent" adlcp:scormtype="{kind}" href="{href}"{extra}/>'


def scorm(items=None, resources=None, files=("sco.html",), **given):
    """The bytes of a course with *files* that are pages in French."""
    items = entry("i", "r", "Partie") if items is None else items
    resources = resource("r", "sco.html") if resources is None else resources
    pages = dict.fromkeys(files, '<html lang="fr"><title>x</title><p>Le green</p></html>')
    return zipped({"imsmanifest.xml": imsmanifest(items, resources, **given), **pages})
