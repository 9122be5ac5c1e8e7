"""nginx in front of a box, with the configuration that we ship: it sends the files, and every rule stays the box's."""

from __future__ import annotations

import gzip
import http.client
import re
import socket
from types import SimpleNamespace
from urllib.parse import quote

import pytest

from edubox.box.lessons import FORGET, lesson_app
from edubox.box.school.handing import LARGEST_BODY
from edubox.box.secure import certificate
from edubox.pages.player import players
from tests.box.school import School, page
from tests.cli.country import free_port
from tests.packaging.nginx_box import CONF, box_behind, nginx
from tests.serving import serving

FILES = {
    "index.html": page("Accueil", "<p>" + "texte " * 500 + "</p>"),
    "Été & co/index.html": page("Dossier"),
    "100%25 sûr#+;=&.txt": b"a name with everything that an address has",
    "a..b/..c": b"dots",
    "script.js": b"1;",
    "fiche.pdf": b"%PDF-1.4",
    "dessin.svg": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
    "film.mp4": bytes(range(256)) * 4000,
    "sans-nom": page("Page sans extension"),
}
HOST = "box.local:8081"


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    """A lesson behind nginx, and the same from the box itself: ``web``, ``alone``, and the lesson's ``manifest``."""
    folder = tmp_path_factory.mktemp("front")
    school = School(folder / "box")
    manifest = school.add("x", FILES, types={"sans-nom": "text/html"})
    certificate.make(school.data / "keys")
    (school.data / "secret.txt").write_text("secret")
    (school.data / "site" / "secret.txt").write_text("secret")
    (school.data / "site" / manifest / "lien.txt").symlink_to(school.data / "secret.txt")
    with box_behind(folder, school.data, school_domain="ecole.local") as web:
        app = lesson_app(school.data, web.pages, ("fr", "en"), players(), "ecole.local")
        with serving(app) as alone:
            port = int(alone.rstrip("/").rpartition(":")[2])
            yield SimpleNamespace(web=web, alone=port, manifest=manifest, data=school.data)


def ask(port, path, method="GET", body=None, **headers):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    given = {"Host": HOST} | {name.replace("_", "-"): one for name, one in headers.items()}
    connection.request(method, path, body=body, headers=given)
    answer = connection.getresponse()
    found = SimpleNamespace(status=answer.status, headers=answer.headers, body=answer.read())
    connection.close()
    return found


def rules(answer):
    """The headers of an answer but for those that say which server sent it, and when."""
    of_server = {"server", "date", "connection", "via", "transfer-encoding"}
    if answer.status == 206:
        of_server.add("accept-ranges")  # a part of a file says as much
    return sorted(
        (name.lower(), value) for name, value in answer.headers.items() if name.lower() not in of_server
    )


@pytest.mark.parametrize("path", FILES)
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Accept_Encoding": "gzip"},
        {"Range": "bytes=1-"},
        {"Range": "bytes=0-0", "Accept_Encoding": "gzip"},
        {"Origin": "http://box.local"},
        {"If_Modified_Since": "Fri, 01 Jan 2100 00:00:00 GMT"},
    ],
)
def test_a_file_has_the_same_bytes_and_headers_with_nginx_as_without(both, path, headers):
    address = f"/c/{both.manifest}/{quote(path)}"
    with_nginx, without = ask(both.web.lessons, address, **headers), ask(both.alone, address, **headers)
    assert (with_nginx.status, with_nginx.body) == (without.status, without.body)
    assert rules(with_nginx) == rules(without)
    assert without.status in {200, 206}


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("index.html", {"If_None_Match": '"{manifest}"'}, 304),
        ("index.html", {"If_None_Match": '"{manifest}-gz"', "Accept_Encoding": "gzip"}, 304),
        ("film.mp4", {"Range": "bytes=5-9", "If_Range": '"{manifest}"'}, 206),
        ("film.mp4", {"Range": "bytes=5-9", "If_Range": '"another"'}, 200),
        ("film.mp4?download", {}, 200),
        ("index.html", {"Service_Worker": "script"}, 403),
        ("none.html", {}, 404),
        ("lien.txt", {}, 404),
        ("%C3%89t%C3%A9%20%26%20co", {}, 301),
        ("../secret.txt", {}, 404),
        ("%2e%2e/secret.txt", {}, 404),
        ("index.html", {"Host": "aaaa.ecole.local"}, 404),
    ],
)
def test_what_the_box_decides_holds(both, path, headers, status):
    given = {name: value.format(manifest=both.manifest) for name, value in headers.items()}
    address = f"/c/{both.manifest}/{path}"
    with_nginx, without = ask(both.web.lessons, address, **given), ask(both.alone, address, **given)
    assert with_nginx.status == without.status == status
    assert with_nginx.body == without.body
    assert rules(with_nginx) == rules(without)


def test_a_range_that_the_file_does_not_have_is_refused_with_the_same_leash(both):
    address = f"/c/{both.manifest}/film.mp4"
    answer = ask(both.web.lessons, address, Range="bytes=9999999-")
    assert answer.status == 416
    assert "sandbox" in answer.headers["Content-Security-Policy"]


def test_a_player_and_what_empties_a_device_come_too(both):
    played = players()
    for address in (f"/p/{played.build}/epub.html", FORGET):
        with_nginx, without = ask(both.web.lessons, address), ask(both.alone, address)
        assert with_nginx.status == 200
        assert (with_nginx.body, rules(with_nginx)) == (without.body, rules(without))


def test_nobody_reaches_the_folder_by_nginx_own_address(both):
    for path in ("secret.txt", f"{both.manifest}/index.html"):
        assert ask(both.web.lessons, f"/sent-by-nginx/{path}").status == 404
        assert ask(both.web.pages, f"/sent-by-nginx/{path}").status == 404


def test_an_erased_lesson_is_gone_at_once(both):
    school = School(both.data)
    manifest = school.add("y", {"index.html": page("Effacée")})
    address = f"/c/{manifest}/index.html"
    assert ask(both.web.lessons, address).status == 200
    (both.data / "site" / manifest / "index.html").unlink()
    assert ask(both.web.lessons, address).status == 404


def test_pages_come_through_with_their_lessons_at_the_port_of_lessons(both):
    answer = ask(both.web.pages, "/fr/lecon/ministry/test/x/1/", Host="box.local", Accept_Encoding="gzip")
    assert answer.status == 200
    assert f"http://box.local:{both.web.lessons}/c/{both.manifest}/".encode() in gzip.decompress(answer.body)
    assert answer.headers.get_all("Content-Security-Policy") is not None


def test_a_password_does_not_come_by_plain_http_and_nobody_can_say_that_it_came_by_https(both):
    claims = {"X_Forwarded_Proto": "https", "X_Forwarded_For": "127.0.0.1"}
    for more in ({}, claims):
        assert b"https://box.local" in ask(both.web.pages, "/bureau/", Host="box.local", **more).body
        assert ask(both.web.pages, "/bureau/entrer/", "POST", b"x=1", Host="box.local", **more).status == 403


def test_a_form_of_the_desk_is_refused_before_its_password_has_come(both):
    with socket.create_connection(("127.0.0.1", both.web.pages), 20, ("127.0.0.2", 0)) as sock:
        sock.sendall(b"POST /bureau/entrer/ HTTP/1.1\r\nHost: box.local\r\nContent-Length: 50\r\n\r\n")
        assert sock.recv(100).startswith(b"HTTP/1.1 403")


def test_the_service_manager_hears_that_the_box_answers_and_then_that_it_lives(both):
    assert [both.web.told.recv(100) for _ in range(3)] == [b"READY=1", b"WATCHDOG=1", b"WATCHDOG=1"]


def test_nginx_takes_what_a_pupil_may_hand_in_and_no_more(both):
    largest = int(re.search(r"client_max_body_size (\d+)m;", CONF.read_text("utf-8"))[1]) * 1024 * 1024
    assert LARGEST_BODY <= largest < LARGEST_BODY + 1024 * 1024
    with socket.create_connection(("127.0.0.1", both.web.pages), timeout=20) as sock:
        sock.sendall(b"POST /fr/ HTTP/1.1\r\nHost: box.local\r\nContent-Length: %d\r\n\r\n" % (largest + 1))
        assert sock.recv(100).startswith(b"HTTP/1.1 413")


def test_nginx_starts_without_a_box_and_says_so_to_whoever_comes(tmp_path):
    pages, lessons = free_port(), free_port()
    with nginx(tmp_path, tmp_path / "no-data-partition", pages, lessons):
        for port in (pages, lessons):
            answer = ask(port, "/fr/")
            assert answer.status == 503
            assert answer.headers["Cache-Control"] == "no-store"
            assert "Le boîtier démarre".encode() in answer.body
            assert ask(port, "/starting.html").status == 404


def test_nothing_that_nginx_writes_has_an_address_of_a_reader():
    text = CONF.read_text("utf-8")
    assert "access_log off;" in text
    assert "error_log stderr emerg;" in text
    assert text.count("_log ") == 2
