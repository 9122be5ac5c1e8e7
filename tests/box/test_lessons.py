"""The lessons' origin: files of installed lessons and nothing else, with a leash on every one of them."""

from __future__ import annotations

import gzip
import io

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from edubox.box.lessons import lesson_app
from tests.box.school import School, manifest_of, page

FILES = {
    "index.html": page("Accueil", "<p>" + "texte " * 500 + "</p>"),
    "Été & co/index.html": page("Dossier"),
    "script.js": b"1",
    "fiche.pdf": b"%PDF-1.4",
    "dessin.svg": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
    "film.mp4": bytes(range(256)) * 40,
    "sans-nom": page("Page sans extension"),
}


@pytest.fixture(scope="module")
def origin(tmp_path_factory):
    school = School(tmp_path_factory.mktemp("lessons") / "box")
    manifest = school.add("x", FILES, types={"sans-nom": "text/html"})
    (school.data / "secret.txt").write_text("secret")
    (school.data / "site" / "secret.txt").write_text("secret")
    return lesson_app(school.data, 8080), manifest


def ask(origin, path, method="GET", query="", host="box.local:8081", **headers):
    """Status, headers and body of one request; *path* as it stands after percent-decoding."""
    said = {}
    environ = {
        "REQUEST_METHOD": method, "PATH_INFO": path.encode().decode("latin-1"), "QUERY_STRING": query, "HTTP_HOST": host,
        "wsgi.url_scheme": "http", "wsgi.input": io.BytesIO(),
        **{f"HTTP_{name.upper()}": value for name, value in headers.items()},
    }  # fmt: skip
    body = origin[0](
        environ, lambda status, found, *_: said.update(status=int(status[:3]), headers=dict(found))
    )
    content = b"".join(body)
    getattr(body, "close", lambda: None)()
    return said["status"], said["headers"], content


@pytest.mark.parametrize("path", FILES)
def test_every_file_of_a_lesson_is_served_whole_and_for_a_year(origin, path):
    status, headers, body = ask(origin, f"/c/{origin[1]}/{path}")
    assert (status, body) == (200, FILES[path])
    assert "immutable" in headers["Cache-Control"]
    assert "31536000" in headers["Cache-Control"]


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("index.html", "text/html"),
        ("script.js", "text/javascript"),
        ("fiche.pdf", "application/pdf"),
        ("sans-nom", "text/html"),
    ],
)
def test_a_file_is_what_its_lesson_says_it_is(origin, path, kind):
    _, headers, _ = ask(origin, f"/c/{origin[1]}/{path}")
    assert headers["Content-Type"] == kind
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_a_folder_answers_with_its_first_page(origin):
    assert ask(origin, f"/c/{origin[1]}/")[2] == FILES["index.html"]
    assert ask(origin, f"/c/{origin[1]}/Été & co/")[2] == FILES["Été & co/index.html"]
    status, headers, _ = ask(origin, f"/c/{origin[1]}/Été & co")
    assert (status, headers["Location"]) == (301, f"/c/{origin[1]}/%C3%89t%C3%A9%20%26%20co/")


def test_a_name_written_with_loose_accents_is_the_same_name(origin):
    assert ask(origin, f"/c/{origin[1]}/E\u0301te\u0301 & co/index.html")[0] == 200


def test_text_travels_compressed_and_films_in_parts(origin):
    _, headers, body = ask(origin, f"/c/{origin[1]}/index.html", accept_encoding="gzip")
    assert headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(body) == FILES["index.html"]
    status, headers, body = ask(origin, f"/c/{origin[1]}/film.mp4", range="bytes=100-199")
    assert (status, headers["Content-Range"], body) == (
        206,
        "bytes 100-199/10240",
        FILES["film.mp4"][100:200],
    )


def test_what_is_known_is_not_sent_again(origin):
    _, headers, _ = ask(origin, f"/c/{origin[1]}/script.js")
    assert ask(origin, f"/c/{origin[1]}/script.js", if_none_match=headers["ETag"])[0] == 304


@pytest.mark.parametrize(
    "path",
    [
        "/", "/c/", "/c/x/index.html", "/secret.txt", "/c/secret.txt", "/c/{}", "/c/{}/none", "/c/{}/../secret.txt",
        "/c/{}/../../secret.txt", "/c/{}//etc/passwd", "/c/{}/./index.html", "/c/{}/index.html/", "/c/{}/index.html\x00",
        "/c/{}/Été & co/../index.html", "/c/{}/..", "/c/{}/\\..\\secret.txt", "/c/" + "a" * 64 + "/index.html", "/c/{}/" + "a" * 300,
        "/c/{0}/" + "a/" * 500, "/c/{}/index.html%00",
    ],
)  # fmt: skip
def test_nothing_else_is_served(origin, path):
    status, headers, body = ask(origin, path.format(origin[1]))
    assert status == 404
    assert b"secret" not in body
    assert headers["Cache-Control"] == "no-store", "a film that is still on its way must be found later"


def test_a_link_that_leads_nowhere_is_said_in_the_reader_s_language(tmp_path):
    school = School(tmp_path / "box")
    manifest = school.add("x", {"index.html": page("x")})
    app = (lesson_app(school.data, 8080, ("fr", "en")), manifest)
    for accepted, said in (("en-GB", "This page is not here\n"), ("", "Cette page n’est pas ici\n")):
        assert ask(app, f"/c/{manifest}/none.html", ACCEPT_LANGUAGE=accepted)[2].decode() == said


def test_a_link_that_leads_out_of_a_lesson_leads_nowhere(tmp_path):
    school = School(tmp_path / "box")
    manifest = school.add("x", {"index.html": page("x")})
    (tmp_path / "secret.txt").write_text("secret")
    (school.data / "site" / manifest / "out.txt").symlink_to(tmp_path / "secret.txt")
    (school.data / "site" / manifest / "folder").symlink_to(tmp_path)
    app = (lesson_app(school.data, 8080), manifest)
    for name in ("out.txt", "folder/secret.txt"):
        assert ask(app, f"/c/{manifest}/{name}")[0] == 404


@pytest.mark.parametrize("path", [b"\xff\xfe", "é".encode("latin-1")])
def test_an_address_that_is_no_text_is_not_there(origin, path):
    said = []
    environ = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": f"/c/{origin[1]}/" + path.decode("latin-1"),
        "HTTP_HOST": "box",
        "wsgi.url_scheme": "http",
    }
    origin[0](environ, lambda status, *_: said.append(status))
    assert said[0].startswith("404")


# --- the leash ---


def rules(headers):
    return dict(rule.split(" ", 1) for rule in headers["Content-Security-Policy"].split("; "))


@pytest.mark.parametrize("path", ["index.html", "dessin.svg", "script.js", "film.mp4", "sans-nom"])
def test_a_lesson_reaches_nobody_else_wherever_it_is_opened(origin, path):
    _, headers, _ = ask(origin, f"/c/{origin[1]}/{path}")
    found = rules(headers)
    assert found["form-action"] == "'none'"
    assert found["frame-ancestors"] == "'self' http://box.local:*"
    assert set(found["default-src"].split()) == {
        "'self'",
        "'unsafe-inline'",
        "'unsafe-eval'",
        "data:",
        "blob:",
        "mediastream:",
    }
    assert "allow-scripts" in found["sandbox"]
    assert "allow-top-navigation" not in found["sandbox"]
    assert "allow-popups" not in found["sandbox"]
    assert headers["Access-Control-Allow-Origin"] == "http://box.local:8080"


@pytest.mark.parametrize(
    ("asking", "allowed"),
    [
        ("http://box.local", "http://box.local"), ("http://box.local:9000", "http://box.local:9000"),
        ("http://box.local.evil.example", "http://box.local:8080"), ("https://box.local:9000", "http://box.local:8080"),
        ("null", "http://box.local:8080"), ("http://box.local:9000/x", "http://box.local:8080"), ("http://", "http://box.local:8080"),
    ],
)  # fmt: skip
def test_a_lesson_that_is_kept_for_a_year_survives_another_port_of_the_pages(origin, asking, allowed):
    _, headers, _ = ask(origin, f"/c/{origin[1]}/film.mp4", ORIGIN=asking)
    assert headers["Access-Control-Allow-Origin"] == allowed
    assert headers["Vary"] == "Origin"
    assert "8080" not in headers["Content-Security-Policy"]


def test_types_that_could_not_be_read_are_read_again(tmp_path):
    school = School(tmp_path / "box")
    files = {"seite": page("x")}
    manifest = manifest_of(files, types={"seite": "text/html"})
    app = (lesson_app(school.data, 8080), manifest.id)
    school.install("x", manifest, files)
    (school.data / "box.db").rename(school.data / "away")
    assert ask(app, f"/c/{manifest.id}/seite")[1]["Content-Type"] == "application/octet-stream"
    (school.data / "away").rename(school.data / "box.db")
    assert ask(app, f"/c/{manifest.id}/seite")[1]["Content-Type"] == "text/html"


def test_a_pdf_is_not_sandboxed_and_stays_a_pdf(origin):
    _, headers, _ = ask(origin, f"/c/{origin[1]}/fiche.pdf")
    assert "sandbox" not in rules(headers)
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_nothing_that_outlives_a_lesson_is_let_in(origin):
    assert ask(origin, f"/c/{origin[1]}/script.js", service_worker="script")[0] == 403


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "TRACE", "X"])
def test_nothing_can_be_sent(origin, method):
    assert ask(origin, f"/c/{origin[1]}/index.html", method)[0] == 405


def test_cookies_are_neither_read_nor_set(origin):
    plain = ask(origin, f"/c/{origin[1]}/index.html")
    assert ask(origin, f"/c/{origin[1]}/index.html", cookie="a=b; a=c") == plain
    assert "Set-Cookie" not in plain[1]


def test_a_download_keeps_its_name_whatever_it_holds(origin):
    _, headers, _ = ask(origin, f"/c/{origin[1]}/index.html", query="download")
    assert headers["Content-Disposition"] == "attachment; filename*=UTF-8''index.html"


@pytest.mark.parametrize("host", ["", "a b", "x;script-src *", "a\r\nSet-Cookie: x=1"])
def test_a_host_that_is_no_host_is_refused(origin, host):
    status, headers, _ = ask(origin, f"/c/{origin[1]}/index.html", host=host)
    assert status == 400
    assert "*" not in str(headers)


@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(path=st.text(), query=st.text(max_size=20), span=st.text(max_size=20))
def test_no_request_is_our_mistake(origin, path, query, span):
    path = path.encode("utf-8", "replace").decode()
    for prefix in ("/", f"/c/{origin[1]}/"):
        assert ask(origin, prefix + path, query=query, range=span)[0] in {200, 206, 301, 404, 416}


def test_the_page_that_forgets_runs_its_own_lines_and_can_be_framed_by_this_box_alone(origin):
    status, headers, body = ask(origin, "/forget.html")
    assert status == 200
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'; script-src 'unsafe-inline'; frame-ancestors http://box.local:*" in policy
    assert b"localStorage.clear()" in body


@pytest.fixture(scope="module")
def named(tmp_path_factory):
    """Two lessons of a box whose name server answers for every name below ecole.local."""
    school = School(tmp_path_factory.mktemp("named") / "box")
    first, second = (school.add(name, {"index.html": page(name)}) for name in ("un", "deux"))
    return lesson_app(school.data, 8080, school_domain="ecole.local"), first, second


def test_at_a_lessons_own_name_its_files_are_found_and_no_other_lessons(named):
    _, first, second = named
    own = f"{first[:32]}.ecole.local:8081"
    assert ask(named, f"/c/{first}/index.html", host=own)[0] == 200
    assert ask(named, f"/c/{second}/index.html", host=own)[0] == 404
    for other in (f"{first[:31]}.ecole.local", f"x.{own}", "www.ecole.local", f"{first}.ecole.local"):
        assert ask(named, f"/c/{first}/index.html", host=other)[0] == 404, other
    assert ask(named, f"/c/{first}/index.html", host=f"{first[:32]}.elsewhere.local")[0] == 200, (
        "a name of somebody else"
    )


def test_a_lesson_at_its_own_name_is_framed_by_the_pages_and_by_no_other_lesson(named):
    _, headers, _ = ask(named, f"/c/{named[1]}/index.html", host=f"{named[1][:32]}.ecole.local:8081")
    assert "frame-ancestors 'self' http://ecole.local:*" in headers["Content-Security-Policy"]
    assert headers["Access-Control-Allow-Origin"] == "http://ecole.local:8080"
