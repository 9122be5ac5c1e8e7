"""A password comes by HTTPS or from this computer; who comes by another way is shown the right one."""

from __future__ import annotations

import re

import pytest

from edubox.box.app import create_app
from edubox.box.secure import certificate
from edubox.box.secure.gate import is_private, only_desk, unwelcome
from tests.box.school import School, page, settings

FROM_ELSEWHERE = {"REMOTE_ADDR": "192.168.1.23"}
BOX = "http://edubox-123456.local:8080"


@pytest.fixture
def data(tmp_path):
    school = School(tmp_path / "box")
    school.add("x", {"index.html": page("Volcans")}, title="Les volcans")
    certificate.make(school.data / "keys")
    return school.data


@pytest.fixture
def client(data):
    return create_app(data, settings(desk_port=8443)).test_client()


def test_by_plain_http_the_page_explains_and_has_nothing_to_fill_in(client, data):
    for path in ("/bureau/", "/bureau/entrer/", "/bureau", "/bureau/anything/"):
        answer = client.get(path, base_url=BOX, environ_overrides=FROM_ELSEWHERE)
        text = answer.get_data(as_text=True)
        assert answer.status_code == 200
        assert "<form" not in text
        assert "<input" not in text
        assert f'href="https://edubox-123456.local:8443{path}"' in text
    shown = re.sub(r"<[^>]+>", "", text)
    assert certificate.fingerprint(data / "keys" / "desk.crt")[:19] in shown


def test_it_speaks_the_readers_language_and_offers_the_others(client):
    for language, others in (("fr", "?lang=en"), ("en", "?lang=fr")):
        answer = client.get(f"/bureau/?lang={language}", base_url=BOX, environ_overrides=FROM_ELSEWHERE)
        text = answer.get_data(as_text=True)
        assert f'<html lang="{language}"' in text
        assert f'href="{others}"' in text


def test_without_a_certificate_it_says_that_the_box_is_preparing(client, data):
    (data / "keys" / "desk.crt").unlink()
    text = client.get("/bureau/", base_url=BOX, environ_overrides=FROM_ELSEWHERE).get_data(as_text=True)
    assert 'http-equiv="refresh"' in text
    assert "https://" not in text


def test_a_certificate_that_browsers_know_needs_no_explanation(data):
    given = {"certificate": "/etc/ours.crt", "certificate_key": "/etc/ours.key"}
    client = create_app(data, settings(desk_port=443, **given)).test_client()
    answer = client.get("/bureau/?a=b", base_url="http://school.example", environ_overrides=FROM_ELSEWHERE)
    assert (answer.status_code, answer.headers["Location"]) == (302, "https://school.example/bureau/?a=b")


@pytest.mark.parametrize("path", ["/bureau/", "/bureau/entrer/"])
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_nothing_changes_by_plain_http(client, path, method):
    assert client.open(path, method=method, base_url=BOX, environ_overrides=FROM_ELSEWHERE).status_code == 403


def environ(scheme="http", peer="192.168.1.23", host="edubox.local:8080", **more):
    return {"wsgi.url_scheme": scheme, "REMOTE_ADDR": peer, "HTTP_HOST": host, **more}


@pytest.mark.parametrize(
    "way",
    [
        environ("https"), environ(peer="127.0.0.1", host="127.0.0.1:8080"), environ(peer="::1", host="[::1]:8080"),
        environ(peer="::ffff:127.0.0.1", host="localhost:8080"),
    ],
)  # fmt: skip
def test_https_and_this_computer_are_private(way):
    assert is_private(way)


@pytest.mark.parametrize(
    "way",
    [
        environ(), environ(host="localhost:8080"), environ(HTTP_X_FORWARDED_PROTO="https"), environ(HTTP_X_FORWARDED_FOR="127.0.0.1"),
        environ(peer="127.0.0.1"),  # a proxy on this computer, with readers from anywhere
        environ(peer="localhost", host="localhost"),  # the web server in front that names no reader
        environ(peer="127.0.0.1", host="localhost.example"), environ(peer="", host="localhost"), environ(peer="127.0.0.1", host=""),
    ],
)  # fmt: skip
def test_nothing_else_is(way):
    assert not is_private(way)


def test_the_server_refuses_by_the_first_lines_what_would_change_the_desk():
    assert unwelcome("POST", "/bureau/entrer/", "192.168.1.23")
    assert unwelcome("PATCH", "/bureau/televersement/x", "fe80::1")
    assert unwelcome("POST", "/bureau", "nonsense")
    assert not unwelcome("GET", "/bureau/", "192.168.1.23")
    assert not unwelcome("POST", "/bureau/", "127.0.0.1")
    assert not unwelcome("POST", "/fr/signaler/", "192.168.1.23")


def answered(path, method="GET", query="", host="edubox.local:8443"):
    said = {}

    def start(status, headers):
        said["status"], said["headers"] = int(status[:3]), dict(headers)

    def desk(environ, start_response):
        start_response("200 OK", [])
        return [b""]

    list(
        only_desk(desk, 8080)(
            {"PATH_INFO": path, "REQUEST_METHOD": method, "QUERY_STRING": query, "HTTP_HOST": host}, start
        )
    )
    return said


def test_the_desks_port_shows_the_desk_and_sends_readers_to_the_plain_pages():
    for path in ("/bureau/", "/bureau/x/y", "/style-0123456789ab.css", "/style.css", "/desk-0123456789ab.js"):
        assert answered(path)["status"] == 200
    away = answered("/fr/le\xc3\xa7on/", query="q=a%20b")
    assert (away["status"], away["headers"]["Location"]) == (
        302,
        "http://edubox.local:8080/fr/le%C3%A7on/?q=a%20b",
    )
    assert answered("//evil.example/")["headers"]["Location"] == "http://edubox.local:8080//evil.example/"
    assert answered("/fr/", method="POST")["status"] == 404


def test_pages_at_school_lead_to_the_desk_and_pages_at_home_do_not(client):
    from edubox.pages import render
    from tests.pages.desk_states import FRAME

    assert 'href="/bureau/"' in client.get("/fr/", base_url=BOX).get_data(as_text=True)
    assert "/bureau/" not in render.home(FRAME, [])


def test_no_answer_asks_browsers_to_use_https_for_the_other_ports(client):
    for address in (BOX, "https://edubox-123456.local:8443"):
        for path in ("/bureau/", "/fr/", "/nothing"):
            answer = client.get(path, base_url=address, environ_overrides=FROM_ELSEWHERE)
            assert "Strict-Transport-Security" not in answer.headers
            assert "upgrade-insecure-requests" not in answer.headers["Content-Security-Policy"]


def test_over_https_the_desk_is_reached_and_lessons_stay_on_their_plain_port(client):
    answer = client.get(
        "/bureau/", base_url="https://edubox-123456.local:8443", environ_overrides=FROM_ELSEWHERE
    )
    assert "https://edubox-123456.local:8081" not in answer.headers["Content-Security-Policy"]
    assert "http" not in answer.headers["Content-Security-Policy"], "nothing comes by another way"
