"""Small opened containers, as importers leave them: an H5P exercise, a SCORM activity of each edition, a book of three chapters."""

from __future__ import annotations

import json

from edubox.pack.manifest import Item

_TINY = b"""H5P.Tiny = function (params, id, extras) {
  H5P.EventDispatcher.call(this);
  const known = (extras && extras.previousState) || {};
  this.attach = ($container) => {
    $container.html("<input id=typed><button id=answer>OK</button><div style='height: 1500px'></div>");
    const typed = $container.find("#typed").val(known.typed || "");
    $container.find("#answer").on("click", () => this.triggerXAPIScored(3, 4, "completed"));
    this.getCurrentState = () => ({ typed: typed.val() });
  };
};
H5P.Tiny.prototype = Object.create(H5P.EventDispatcher.prototype);
"""


def exercise(folder: str = "quiz.h5p.d/") -> tuple[dict[str, bytes], Item]:
    """An H5P exercise with a field to type in and three of four points to win."""
    library = {"machineName": "H5P.Tiny", "majorVersion": 1, "minorVersion": 0}
    package = {
        "title": "Tiny",
        "language": "fr",
        "mainLibrary": "H5P.Tiny",
        "embedTypes": ["iframe"],
        "preloadedDependencies": [library],
    }
    files = {
        "h5p.json": json.dumps(package).encode(), "content/content.json": b"{}", "H5P.Tiny-1.0/tiny.js": _TINY,
        "H5P.Tiny-1.0/library.json": json.dumps(
            library | {"patchVersion": 0, "title": "Tiny", "runnable": 1, "preloadedJs": [{"path": "tiny.js"}]}
        ).encode(),
    }  # fmt: skip
    return {folder + name: data for name, data in files.items()}, Item(
        "L’exercice", "h5p", f"{folder}h5p.json"
    )


def activity(edition: str, folder: str) -> tuple[dict[str, bytes], Item]:
    """A SCORM activity of *edition* (1.2 or 2004) that shows where its reader was and goes on from there."""
    older = edition == "1.2"
    api, get, put = (
        ("API", "LMSGetValue", "LMSSetValue") if older else ("API_1484_11", "GetValue", "SetValue")
    )
    begin = "LMSInitialize" if older else "Initialize"
    place = "cmi.core.lesson_location" if older else "cmi.location"
    points = ("cmi.core.score.raw", "cmi.core.score.max") if older else ("cmi.score.raw", "cmi.score.max")
    status = ("cmi.core.lesson_status", "passed") if older else ("cmi.completion_status", "completed")
    page = f"""<!doctype html><meta charset=utf-8><title>SCO</title><p id=where></p><script>
    let found = window; while (!found.{api} && found !== found.parent) found = found.parent;
    const api = found.{api}; api.{begin}("");
    document.getElementById("where").textContent = api.{get}("{place}") + "|" + api.{get}("cmi.suspend_data");
    window.told = () => [api.{get}("cmi.launch_data"), {f'api.{get}("cmi.student_data.mastery_score")' if older else '""'}].join();
    window.walk = () => [api.{put}("{place}", "page-7"), api.{put}("cmi.suspend_data", "vu=1,2,3"), api.{put}("{points[0]}", "8"),
      api.{put}("{points[1]}", "10"), api.{put}("{status[0]}", "{status[1]}")].join();
    </script>"""
    manifest = f"""<manifest xmlns:adlcp="http://www.adlnet.org/xsd/adlcp_rootv1p2"><metadata><schemaversion>{edition}</schemaversion></metadata>
    <organizations><organization><item identifier="i1" identifierref="r1"><adlcp:masteryscore>7</adlcp:masteryscore>
    <adlcp:datafromlms>niveau=2</adlcp:datafromlms></item></organization></organizations>
    <resources xml:base="sco/"><resource identifier="r1" href="index.html"/></resources></manifest>"""
    files = {"imsmanifest.xml": manifest.encode(), "sco/index.html": page.encode()}
    return {folder + name: data for name, data in files.items()}, Item(
        f"SCORM {edition}", "scorm", f"{folder}sco/index.html"
    )


def book(
    folder: str = "livre.epub.d/", *, right_to_left: bool = False, scripted: bool = False
) -> tuple[dict[str, bytes], Item]:
    """A book of three long chapters; a *scripted* one brings a program, which must not run."""
    names = ("un", "deux", "trois")
    chapters = "".join(
        f'<item id="{name}" href="{name}.xhtml" media-type="application/xhtml+xml"/>' for name in names
    )
    spine = "".join(f'<itemref idref="{name}"/>' for name in names)
    script = (
        """<script>top.postMessage("book", "*"); document.body.id = "ran";</script>""" if scripted else ""
    )
    direction = ' page-progression-direction="rtl"' if right_to_left else ""
    package = f"""<?xml version="1.0"?><package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="id">
    <metadata xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:identifier id="id">x</dc:identifier><dc:title>Le livre</dc:title>
    <dc:language>{"ar" if right_to_left else "fr"}</dc:language></metadata><manifest>{chapters}
    <item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/></manifest><spine{direction}>{spine}</spine></package>"""
    entries = "".join(f'<li><a href="{name}.xhtml">Chapitre {name}</a></li>' for name in names)
    files = {
        "OPS/package.opf": package.encode(),
        "OPS/nav.xhtml": _xhtml("Sommaire", f'<nav epub:type="toc"><ol>{entries}</ol></nav>'),
        **{
            f"OPS/{name}.xhtml": _xhtml(
                f"Chapitre {name}", f"<p>{f'Le chapitre {name} est long. ' * 12}</p>" * 12 + script
            )
            for name in names
        },
    }
    return {folder + name: data for name, data in files.items()}, Item(
        "Le livre", "epub", f"{folder}OPS/package.opf"
    )


def _xhtml(title: str, body: str) -> bytes:
    return f"""<?xml version="1.0" encoding="utf-8"?><html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops">
    <head><title>{title}</title></head><body><h1>{title}</h1>{body}</body></html>""".encode()
