from __future__ import annotations

import json
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edubox.errors import BadIdentifier, EduboxError, UnknownFormat
from edubox.pack import canonical
from edubox.sync.carried import wants
from edubox.sync.carried.wants import MAX_FOLLOW, MAX_HAVE, MAX_MEDIA, MAX_WANT, Want, parse, want_of
from tests.pack.fuzzing import EXAMPLES, mutated
from tests.sync.country import PUBLISHER, film, text

HASH = "a" * 64
SETTINGS = {"name": "Collège Marie-Curie", "follow": [PUBLISHER, "local/own"]}
VALIDATOR = jsonschema.Draft202012Validator(
    json.loads(resources.files("edubox.sync.carried").joinpath("want.schema.json").read_text("utf-8"))
)


def value(**given):
    whole = {
        "format": 1, "box": "edubox-1a2b3c", "label": "Collège", "written": "2026-11-24", "follow": [PUBLISHER],
        "have": [HASH], "media": ["b" * 64],
    }  # fmt: skip
    return whole | given


def test_a_box_says_what_it_has_and_follows(box, country):
    country.publish(
        "lune", {"index.html": text(1, 5000), "film.mp4": film(1, 300_000)}, frozenset(["film.mp4"])
    )
    box.sync()
    one = box.catalogue.installed()[0]
    want = want_of(box.data, box.catalogue, "edubox-1a2b3c", SETTINGS, datetime(2026, 11, 24, tzinfo=UTC))
    assert (want.box, want.label, want.written) == ("edubox-1a2b3c", "Collège Marie-Curie", "2026-11-24")
    assert want.follow == ("local/own", PUBLISHER)
    assert want.have == {one.manifest}
    assert len(want.media) == 1
    assert parse(want.to_bytes()) == want
    assert want.path == "wants/edubox-1a2b3c.json"


def test_a_mistake_in_the_settings_does_not_spoil_the_list(box):
    want = want_of(
        box.data,
        box.catalogue,
        "edubox-1",
        {"name": " \x07", "follow": ["no publisher", PUBLISHER, PUBLISHER]},
    )
    assert (want.label, want.follow) == ("edubox-1", (PUBLISHER,))
    assert parse(want.to_bytes()) == want


def test_a_lesson_with_a_lost_file_and_a_lost_film_are_asked_for_again(box, country):
    country.publish(
        "lune", {"index.html": text(1, 5000), "film.mp4": film(1, 300_000)}, frozenset(["film.mp4"])
    )
    box.sync()
    one = box.catalogue.installed()[0]
    for path in (box.data / "mirror" / "objects").rglob("*"):
        if path.is_file() and path.name != one.manifest:
            path.unlink()
    want = want_of(box.data, box.catalogue, "edubox-1", SETTINGS)
    assert (want.have, want.media) == (frozenset(), frozenset())


def test_the_largest_want_list_is_still_read(monkeypatch):
    hashes = [f"{number:064x}" for number in range(MAX_MEDIA)]
    want = Want(
        "a" * 63, "é" * 200, "2026-11-24",
        tuple(sorted(f"{'a' * 63}/{number:063}" for number in range(MAX_FOLLOW))), frozenset(hashes[:MAX_HAVE]), frozenset(hashes),
    )  # fmt: skip
    assert len(want.to_bytes()) < MAX_WANT
    assert parse(want.to_bytes()) == want


@pytest.mark.parametrize("given", [
    {"extra": 1}, {"box": "../x"}, {"box": "con"}, {"box": 1}, {"label": ""}, {"label": "\x1b[2J"}, {"label": "x" * 201},
    {"written": "today"}, {"written": 5}, {"follow": ["x"]}, {"follow": [1]}, {"follow": "ministry/x"}, {"have": ["x"]},
    {"have": [HASH, HASH]}, {"media": [HASH.upper()]}, {"media": [[]]}, {"follow": ["b/b", "a/a"]}, {"have": None},
])  # fmt: skip
def test_a_strange_want_list_is_refused_and_the_schema_says_so_too(given):
    with pytest.raises(EduboxError):
        parse(canonical.write(value(**given)))
    if given not in ({"box": "con"}, {"follow": ["b/b", "a/a"]}):  # what a schema cannot say
        assert not VALIDATOR.is_valid(value(**given))


@pytest.mark.parametrize(
    "data", [b"", b"{", b"[" * 100_000, b"\xff", b'{"format":1}', b"x" * (MAX_WANT + 1), b'{"format":1.0}']
)
def test_no_bomb_of_a_want_list_does_harm(data):
    with pytest.raises(EduboxError):
        parse(data)


def test_too_many_entries_are_refused():
    with pytest.raises(EduboxError):
        parse(canonical.write(value(have=[f"{number:064x}" for number in range(MAX_HAVE + 1)])))


def test_a_format_of_tomorrow_asks_for_an_update():
    with pytest.raises(UnknownFormat):
        parse(canonical.write(value(format=2)))


def test_a_box_with_an_impossible_name_writes_no_want_list(box):
    with pytest.raises(BadIdentifier):
        want_of(box.data, box.catalogue, "../box", SETTINGS)


@settings(max_examples=EXAMPLES, deadline=None)
@given(data=st.data())
def test_fuzzed_want_lists_are_refused_or_valid(data):
    found = data.draw(mutated(value()))
    try:
        parse(canonical.write(found))
    except EduboxError:
        return
    VALIDATOR.validate(found)


def test_every_field_is_explained():
    page = (Path(__file__).parents[3] / "docs" / "formats" / "wants.md").read_text("utf-8")
    assert VALIDATOR.schema["properties"].keys() == wants._FIELDS
    assert {field for field in wants._FIELDS if f"`{field}`" not in page} == set()
