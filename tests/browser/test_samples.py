"""Real courses of real teachers, all the way: built, published, synchronised over HTTP, read in a browser, found."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import pytest

from tests.cli.country import build, edubox, edubox_json, free_port, make_country, page, serving
from tests.importers.building import samples

pytestmark = [pytest.mark.browser, pytest.mark.slow]
COURSES = (
    "textbook-fr/nsi-premiere-glassus.zip",
    "textbook-fr/nsi-terminale-efloti-lineaires.zip",
    "html5/mdn-multimedia-html5.zip",
)
#: A file that a course names and does not have is its author's mistake: the browser says so, rightly.
MISSING = re.compile(
    r"404 \(Not Found\) http://[0-9.:]+/c/|Refused to execute script .* MIME type \('text/plain'\)"
)


@pytest.fixture(scope="module")
def school(tmp_path_factory):
    """The two origins of a box with every course of the samples, and the short names of its lessons."""
    folder = tmp_path_factory.mktemp("samples")
    zips = [samples(name) for name in COURSES]
    country, hub = make_country(folder / "country"), free_port()
    slugs = sorted(source.stem.lower() for source in zips)
    for source in zips:
        slug = source.stem.lower()
        build(source, folder / f"{slug}.edpack")
        country.publish(folder / f"{slug}.edpack", slug)
    data = folder / "box"
    edubox("box", "init", "--data", data, "--country", country.root, "--follow", country.publisher)
    with serving(
        "hub",
        "serve",
        "--desk-port",
        "0",
        "--review-port",
        "0",
        "--data",
        country.folder,
        "--port",
        hub,
        "--listen",
        "127.0.0.1",
        port=hub,
    ):
        report = edubox_json("sync", "--data", data, "--from", f"http://127.0.0.1:{hub}/", "--once")
    assert len(report["packs"]) == len(zips)
    pages, lessons = free_port(), free_port()
    ports = ["--port", pages, "--lesson-port", lessons, "--desk-port", "0", "--listen", "127.0.0.1"]
    with serving("box", "serve", "--data", data, *ports, port=pages):
        yield f"http://127.0.0.1:{pages}", f"http://127.0.0.1:{lessons}", slugs


def test_every_part_of_every_course_opens_without_a_complaint_or_a_request_to_another_site(browser, school):
    pages, lessons, slugs = school
    tab, opened = browser.tab(), 0
    hosts = {urlsplit(one).netloc for one in (pages, lessons)}
    for slug in slugs:
        address = f"{pages}/fr/lecon/ministry/test/{slug}/"
        contents = page(address).partition('id="toc"')[2]
        for number in sorted({int(found) for found in re.findall(rf'/{slug}/(\d+)/"', contents)}):
            tab.requests.clear()
            tab.complaints.clear()
            tab.open(f"{address}{number}/")
            opened += 1
            assert [one for one in tab.complaints if not MISSING.search(one)] == [], f"{slug} {number}"
            assert [
                one for one in tab.requests if one.startswith("http") and urlsplit(one).netloc not in hosts
            ] == []
    tab.close()
    assert opened > 50


@pytest.mark.parametrize("query", ["recursivite", "complexite", "boucles", "dichotomie", "lineaire"])
def test_what_they_teach_is_found_without_accents(school, query):
    assert "<mark>" in page(f"{school[0]}/fr/recherche/?q={query}")
