"""The JSON Schemas beside the code say what the code reads."""

from __future__ import annotations

import json
from importlib import resources
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edubox.errors import EduboxError
from edubox.pack import canonical, index, manifest
from tests.pack import test_index, test_manifest
from tests.pack.fuzzing import EXAMPLES, mutated

FOLDER = resources.files("edubox.pack")
PARSERS = {
    "manifest": (manifest.parse, test_manifest.value()),
    "index": (index.parse, test_index.value()),
}


def validator(name):
    schema = json.loads(FOLDER.joinpath(f"{name}.schema.json").read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


VALIDATORS = {name: validator(name) for name in PARSERS}


@pytest.mark.parametrize("name", PARSERS)
def test_what_we_write_is_valid(name):
    VALIDATORS[name].validate(PARSERS[name][1])


def test_the_fields_of_the_schema_are_the_fields_of_the_code():
    properties = VALIDATORS["manifest"].schema["properties"]
    assert properties.keys() == manifest._KEYS
    assert (
        tuple(VALIDATORS["manifest"].schema["$defs"]["item"]["properties"]["type"]["enum"])
        == manifest.ITEM_TYPES
    )
    assert VALIDATORS["index"].schema["properties"].keys() == index._REQUIRED | index._OPTIONAL


@pytest.mark.parametrize("name", PARSERS)
def test_every_field_is_explained(name):
    page = (Path(__file__).parents[2] / "docs" / "formats" / f"{name}.md").read_text("utf-8")
    schema = VALIDATORS[name].schema
    fields = set(schema["properties"])
    for part in schema["$defs"].values():
        fields |= part.get("properties", {}).keys()
    assert {field for field in fields if f"`{field}`" not in page} == set()


@pytest.mark.parametrize("name", PARSERS)
@settings(max_examples=EXAMPLES, deadline=None)
@given(data=st.data())
def test_whatever_the_code_accepts_the_schema_accepts(name, data):
    parse, whole = PARSERS[name]
    value = data.draw(mutated(whole))
    try:
        parse(canonical.write(value))
    except EduboxError:
        return
    VALIDATORS[name].validate(value)


@pytest.mark.parametrize(("name", "case"), [
    ("manifest", case) for case in [
        {"extra": 1}, {"name": ""}, {"name": "\x1b"}, {"inLanguage": "French"}, {"author": "A"}, {"timeRequired": "PT"},
        {"files": []}, {"files": [test_manifest.entry(size=-1)]}, {"files": [test_manifest.entry(path="../a")]},
        {"files": [test_manifest.entry(path="/a")]}, {"files": [test_manifest.entry(path="a/./b")]},
        {"files": [test_manifest.entry(path="a//b")]}, {"files": [test_manifest.entry(path="a ")]},
        {"files": [test_manifest.entry(path="a\\b")]}, {"files": [test_manifest.entry(media=False)]},
        {"files": [test_manifest.entry(sha256="x")]}, {"toc": [{"title": "x"}]}, {"toc": [{"title": "x", "type": "html"}]},
        {"toc": [{"title": "x", "type": "exe", "entry": "a"}]}, {"format": 2},
    ]
] + [
    ("index", case) for case in [
        {"extra": 1}, {"version": 0}, {"published": "x"}, {"manifest": None}, {"bundles": []}, {"withdrawn": True},
        {"withdrawn": False}, {"bundles": [test_index.bundle(extra=1)]}, {"format": 2},
    ]
])  # fmt: skip
def test_what_the_code_refuses_the_schema_refuses_where_a_schema_can(name, case):
    module = {"manifest": test_manifest, "index": test_index}[name]
    assert not VALIDATORS[name].is_valid(module.value(**case))
