"""A school's lessons, exported as a test needs them."""

from __future__ import annotations

from functools import partial

from edubox.box.library import Library
from edubox.pack.manifest import Item
from edubox.pages.export import site
from edubox.pages.export.folder import Folder
from edubox.sync.local import manifest_in
from tests.box.school import School, page


def school_in(folder):
    """Two lessons, one with two parts and a picture."""
    school = School(folder)
    school.add(
        "marees", {
            "index.html": page("La Lune", '<img src="p.svg"><a href="deux.html">suite</a>' + "<p>La marée monte.</p>" * 200),
            "deux.html": page("Deux", "<script>document.body.append('vivant')</script>"), "p.svg": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
            "fiche.pdf": b"%PDF-1.4",
        }, title="Les marées", toc=[Item("La Lune", "html", "index.html"), Item("Deux", "html", "deux.html")],
        educationalLevel=["sixieme"], about=["svt"],
    )  # fmt: skip
    school.add("frac", {"index.html": page("Moitié")}, title='Les "fractions" & <b>', about=["maths"])
    return school


def kept(data):
    library = Library(data)
    return site.Kept(
        data / "site", partial(manifest_in, data / "mirror"), lambda one: (library.to_take(one) or (0, {}))[1]
    )


def wishes(**given):
    return site.Wishes("Collège Marie-Curie", ("fr", "en"), **given)


def exported(data, out, folder="", shelf=None, **given):
    """Write the site of *data* to *out*; returns the Folder, which counted."""
    target = Folder(out)
    site.export(shelf or Library(data), kept(data), target, wishes(**given), lambda *_: None, folder)
    target.finish()
    return target
