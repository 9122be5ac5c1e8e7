"""The exported site behind nginx with the configuration that we ship: what the box answers, as quickly as files go."""

from __future__ import annotations

import http.client
from types import SimpleNamespace

import pytest

from edubox.pack.media_types import media_type
from edubox.pages.player import players
from tests.box.school import serving
from tests.cli.country import free_port
from tests.pages.export.nginx import begin
from tests.pages.export.reading import exported, school_in

#: Headers that keep one thing from doing something to another.
PROTECTIONS = (
    "X-Content-Type-Options", "X-Frame-Options", "Referrer-Policy", "Cross-Origin-Resource-Policy", "Permissions-Policy",
    "X-DNS-Prefetch-Control",
)  # fmt: skip


@pytest.fixture(scope="module")
def web(tmp_path_factory):
    """The site of a school, served by nginx on ``port``; the school's ``data`` and the ``out`` folder."""
    folder = tmp_path_factory.mktemp("nginx")
    folder.chmod(0o755)
    school, port = school_in(folder / "data"), free_port()
    exported(
        school.data,
        folder / "out",
        lessons="https://lessons.example.org",
        address="https://lecons.example.org",
        players=players(),
    )
    child = begin(folder, folder / "out", port)
    found = SimpleNamespace(port=port, out=folder / "out", data=school.data)
    yield found
    child.terminate()
    child.wait(20)


def ask(web, path, host="lecons.example.org", **headers):
    connection = http.client.HTTPConnection("127.0.0.1", web.port, timeout=20)
    connection.request(
        "GET", path, headers={"Host": host} | {name.replace("_", "-"): one for name, one in headers.items()}
    )
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return SimpleNamespace(status=answer.status, headers=answer.headers, body=body)


def a_page(web):
    return next((web.out / "c").glob("*/deux.html")).relative_to(web.out).as_posix()


def test_pages_are_the_same_bytes_plain_and_compressed(web):
    import gzip

    page = "/fr/lecon/ministry/test/marees/"
    written = (web.out / f"{page[1:]}index.html").read_bytes()
    assert ask(web, page).body == written
    packed = ask(web, page, Accept_Encoding="gzip")
    assert packed.headers["Content-Encoding"] == "gzip"
    assert packed.body == (web.out / f"{page[1:]}index.html.gz").read_bytes()
    assert gzip.decompress(packed.body) == written


def test_what_never_changes_is_kept_for_a_year_and_pages_are_asked_for_again(web):
    assert ask(web, "/fr/").headers["Cache-Control"] == "no-cache"
    style = next(web.out.glob("style-*.css")).name
    take = next((web.out / "take").glob("*/lesson.zip")).relative_to(web.out)
    for address in (f"/{style}", f"/{take}"):
        assert ask(web, address).headers.get_all("Cache-Control") == ["public, max-age=31536000, immutable"]
    lesson = ask(web, f"/{a_page(web)}", host="lessons.example.org")
    assert lesson.headers.get_all("Cache-Control") == ["public, max-age=31536000, immutable"]
    tag = ask(web, "/fr/").headers["ETag"]
    assert ask(web, "/fr/", If_None_Match=tag).status == 304


def test_a_film_is_read_from_where_it_was(web):
    take = next((web.out / "take").glob("*/lesson.zip"))
    address, whole = f"/{take.relative_to(web.out)}", take.read_bytes()
    part = ask(web, address, Range="bytes=100-199")
    assert (part.status, part.body) == (206, whole[100:200])
    assert ask(web, address).headers["Content-Disposition"] == "attachment"


def rules(policy):
    """A policy as its rules, without what only one of two addresses has in it."""
    return {
        rule.split()[0]: {one for one in rule.split()[1:] if "://" not in one} for rule in policy.split("; ")
    }


@pytest.mark.parametrize(
    "what", ["page", "nowhere", "lesson", "document", "h5p.html", "epub.html", "pdf.html", "h5p.js", "forget"]
)
def test_it_sends_the_protections_that_the_box_sends(web, what):
    of_lessons = what not in {"page", "nowhere"}
    name = {
        "page": "fr/lecon/ministry/test/marees/1/", "nowhere": "fr/nowhere/", "lesson": a_page(web), "forget": "forget.html",
        "document": a_page(web).replace("deux.html", "fiche.pdf"),
    }.get(what, f"p/{players().build}/{what}")  # fmt: skip
    with serving(web.data) as origins:
        host = origins[of_lessons].removeprefix("http://")
        box = ask(SimpleNamespace(port=int(host.rpartition(":")[2])), f"/{name}", host=host)
    ours = ask(web, f"/{name}", host="lessons.example.org" if of_lessons else "lecons.example.org")
    assert ours.status == box.status == (404 if what == "nowhere" else 200)
    for header in PROTECTIONS:
        assert ours.headers.get_all(header) == box.headers.get_all(header), header
    box_rules, our_rules = (rules(one.headers["Content-Security-Policy"]) for one in (box, ours))
    # Films may also come from the pages' own name: a site may have no other.
    box_rules.update(
        {rule: box_rules[rule] | {"'self'"} for rule in ("media-src", "frame-src") if rule in box_rules}
    )
    assert our_rules == box_rules
    if of_lessons:
        assert "https://lecons.example.org" in ours.headers["Content-Security-Policy"]


def test_pictures_and_subtitles_of_lessons_may_be_shown_by_our_pages(web):
    given = ask(web, f"/{a_page(web)}", host="lessons.example.org").headers
    assert given.get_all("Access-Control-Allow-Origin") == ["https://lecons.example.org"]


def test_files_have_the_types_that_browsers_need(web):
    """As the box's, but for names that say the same in two ways, and what is only downloaded."""
    folder = (web.out / a_page(web)).parent
    for kind in (
        "mjs",
        "js",
        "vtt",
        "json",
        "wasm",
        "webmanifest",
        "xhtml",
        "svg",
        "otf",
        "opus",
        "webm",
        "m4a",
        "epub",
        "csv",
        "css",
    ):
        (folder / f"one.{kind}").write_bytes(b"x")
        given = ask(web, f"/{(folder / f'one.{kind}').relative_to(web.out)}", host="lessons.example.org")
        said = given.headers["Content-Type"]
        alike = {"text/javascript": "application/javascript", "audio/mp4": "audio/x-m4a"}
        assert said in {media_type(f"one.{kind}"), alike.get(media_type(f"one.{kind}"))}, kind


@pytest.mark.parametrize("host", ["lessons.example.org", "lecons.example.org"])
def test_a_lessons_page_says_itself_how_it_is_written(web, host):
    assert ask(web, f"/{a_page(web)}", host=host).headers["Content-Type"] == "text/html"


def test_the_storage_of_lessons_is_emptied_from_a_class_folder_too(web):
    (web.out / ("a" * 26)).mkdir(exist_ok=True)
    (web.out / ("a" * 26) / "forget.html").write_bytes(b"x")
    assert ask(web, f"/{'a' * 26}/forget.html", host="lessons.example.org").status == 200


def test_the_lessons_name_has_lessons_and_no_pages_and_no_service_worker(web):
    assert ask(web, "/fr/", host="lessons.example.org").status == 404
    assert ask(web, f"/{a_page(web)}", host="lessons.example.org", Service_Worker="script").status == 403
    assert ask(web, "/forget.html", host="lessons.example.org").status == 200


def test_lessons_opened_under_the_pages_name_have_no_origin(web):
    given = ask(web, f"/{a_page(web)}").headers
    assert "sandbox" in given["Content-Security-Policy"]
    assert "allow-same-origin" not in given["Content-Security-Policy"]
    # Frames without an origin are strangers here, and load their own files all the same.
    assert given["Access-Control-Allow-Origin"] == "*"
    assert given["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert "X-Frame-Options" not in given


def test_the_first_page_is_in_the_readers_language_and_a_wrong_address_helps(web):
    assert ask(web, "/", Accept_Language="en-GB,en").headers["Location"].endswith("/en/")
    assert ask(web, "/").headers["Location"].endswith("/fr/")
    lost = ask(web, "/fr/nowhere/")
    assert lost.status == 404
    assert lost.body == (web.out / "404.html").read_bytes()
