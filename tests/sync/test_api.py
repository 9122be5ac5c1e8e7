"""A box asks its hub in signed requests, and believes nothing of the answers but what they can be."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from edubox.errors import BadInput, HubRefused, TryLater, Unreachable
from edubox.sync.api import COUNTER, HubApi
from edubox.sync.hub_address import api_address, carriers_page
from edubox.trust import keys
from edubox.trust.requests import verify
from tests.serving import serving

NOW = datetime(2026, 9, 1, tzinfo=UTC)
SIGNER = keys.signer(keys.generate())


class Hub:
    """Answers what it was told to, and remembers what it was asked; *seen* is the highest counter that it has heard."""

    def __init__(self, status="200 OK", body=b"{}", headers=()):
        self.status, self.body, self.headers = status, body, list(headers)
        self.seen, self.asked = 0, []

    def __call__(self, environ, start):
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        names = {
            "Content-Digest": "HTTP_CONTENT_DIGEST",
            "Signature-Input": "HTTP_SIGNATURE_INPUT",
            "Signature": "HTTP_SIGNATURE",
        }
        headers = {name: environ[key] for name, key in names.items()}
        key = SIGNER.public_key
        signed = verify(
            environ["REQUEST_METHOD"],
            environ["PATH_INFO"].removeprefix("/hub"),
            environ["QUERY_STRING"],
            headers,
            body,
            lambda _: key,
        )
        self.asked.append(signed.counter)
        if signed.counter <= self.seen:
            start("409 Conflict", [("Content-Type", "application/json")])
            return [json.dumps({"error": "replayed", "message": "Again.", "counter": self.seen}).encode()]
        self.seen = signed.counter
        start(
            self.status,
            [("Content-Type", "application/json"), ("Content-Length", str(len(self.body))), *self.headers],
        )
        return [self.body]


def ask(tmp_path, hub, *arguments, base="", **options):
    with serving(hub) as address:
        return HubApi(address + base, tmp_path, SIGNER, NOW).call(
            *(arguments or ("GET", "offers")), **options
        )


def test_a_counter_is_never_used_twice_also_after_a_cut(tmp_path):
    hub = Hub()
    for _ in range(3):
        ask(tmp_path, hub)
    assert hub.asked == sorted(set(hub.asked))
    assert json.loads((tmp_path / COUNTER).read_text())["counter"] == hub.asked[-1]


def test_a_hub_below_a_folder_is_asked_there_and_what_is_signed_is_the_same(tmp_path):
    assert ask(tmp_path, Hub(), "POST", "pushes", body=b"x" * 100_000, base="hub/").status == 200


def test_a_box_from_a_backup_goes_on_above_what_the_hub_has_heard(tmp_path):
    hub = Hub()
    hub.seen = 2**40
    assert ask(tmp_path, hub).status == 200
    assert hub.asked[-1] == 2**40 + 1


def test_a_no_is_told_in_the_hubs_own_words(tmp_path):
    hub = Hub("403 Forbidden", b'{"error":"not-enrolled","message":"This box is suspended here."}')
    with pytest.raises(HubRefused, match="suspended here") as refused:
        ask(tmp_path, hub).json()
    assert (refused.value.details["status"], refused.value.details["why"]) == (403, "not-enrolled")


def test_a_hub_without_time_says_when_to_come_back(tmp_path):
    with pytest.raises(TryLater) as later:
        ask(tmp_path, Hub("503 Service Unavailable", headers=[("Retry-After", "90")]))
    assert later.value.details["seconds"] == 90


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"[" * 100_000, b'{"a":'])
def test_what_is_no_answer_is_no_hub(tmp_path, body):
    with pytest.raises(Unreachable):
        ask(tmp_path, Hub(body=body)).json()


def test_an_answer_without_end_is_cut(tmp_path, monkeypatch):
    monkeypatch.setattr("edubox.sync.api.MAX_ANSWER", 1000)
    with pytest.raises(Unreachable, match="no end"):
        ask(tmp_path, Hub(body=b"{" + b" " * 5000))


def test_a_hub_that_always_says_replayed_is_not_asked_for_ever(tmp_path):
    hub = Hub("409 Conflict", b'{"error":"replayed","message":"No.","counter":5}')
    with pytest.raises(HubRefused):
        ask(tmp_path, hub).json()
    assert len(hub.asked) == 2


def test_the_hub_is_the_first_address_unless_one_is_named():
    assert api_address({"hub": "", "sources": ["/media/stick", "http://a/", "http://b/"]}) == "http://a/"
    assert api_address({"hub": "https://c/", "sources": ["http://a/"]}) == "https://c/"
    assert api_address({"hub": "", "sources": []}) == ""
    with pytest.raises(BadInput):
        HubApi("no address", None, SIGNER, NOW)


@pytest.mark.parametrize(
    ("hub", "sources", "page"),
    [
        ("", ["/media/stick", "https://hub.example.org/"], "https://hub.example.org/courier/"),
        ("https://hub.example.org/country", ["http://10.0.0.2/"], "https://hub.example.org/country/courier/"),
        ("", ["https://9.9.9.9:8443/"], "https://9.9.9.9:8443/courier/"),
        ("", [], ""), ("", ["/media/stick"], ""), ("", ["http://192.168.1.5/"], ""), ("", ["http://127.0.0.1:8000/"], ""),
        ("http://localhost:8000/", [], ""), ("http://hub/", [], ""), ("http://hub.local/", [], ""), ("http://[::1/", [], ""),
    ],
)  # fmt: skip
def test_who_carries_is_told_an_address_that_a_phone_far_from_the_box_can_open_or_none(hub, sources, page):
    assert carriers_page({"hub": hub, "sources": sources}) == page
