"""The description of what boxes and programs ask: complete, true, and a map for somebody who tries everything."""

from __future__ import annotations

import re

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from edubox.hub.accounts import people, tokens
from edubox.hub.accounts.roles import Person
from edubox.hub.app import create_app
from edubox.hub.described import openapi

METHODS = {"get", "post", "put", "delete", "patch"}
EXAMPLES = 8


@pytest.fixture
def app(hub):
    return create_app(hub)


def test_every_route_is_described_and_nothing_else(app):
    routes = {
        (re.sub(r"<(?:\w+(?:\([^)]*\))?:)?(\w+)>", r"{\1}", rule.rule), method.lower())
        for rule in app.url_map.iter_rules()
        for method in rule.methods
        if rule.rule.startswith("/api/") and method.lower() in METHODS
    }
    described = {
        (path, method) for path, item in openapi()["paths"].items() for method in item if method in METHODS
    }
    assert described == routes


def test_the_description_is_one_that_programs_read(app):
    answer = app.test_client().get("/api/openapi.json")
    assert answer.json["openapi"].startswith("3.1")
    whole = repr(answer.json)
    for name in re.findall(r"#/components/(\w+)/(\w+)", whole):
        assert name[1] in answer.json["components"][name[0]], name
    ids = [
        item[method]["operationId"]
        for item in answer.json["paths"].values()
        for method in item
        if method in METHODS
    ]
    assert len(ids) == len(set(ids))
    for item in answer.json["paths"].values():
        for method in item.keys() & METHODS:
            assert item[method]["security"] or item[method]["operationId"] == "description", (
                "each says who may ask"
            )


def test_whoever_tries_everything_finds_no_mistake_of_ours(app, hub):
    person = Person(0, "marie", "Marie", "ministry")

    def make(connection):
        people.add(connection, "system", person, hub.now())
        return tokens.make(
            connection,
            Person(1, "marie", "Marie", "ministry"),
            "p",
            ["read", "audit", "fleet"],
            "",
            30,
            hub.now(),
        )

    bearer = {"Authorization": f"Bearer {hub.database.change(make)}"}
    inner, tried, heard = app.wsgi_app, set(), set()
    # As from this computer itself, which needs no TLS: else no token would be looked at.
    app.wsgi_app = lambda environ, start: inner(
        environ | {"REMOTE_ADDR": "127.0.0.1", "HTTP_HOST": "localhost"}, start
    )
    schema = schemathesis.openapi.from_wsgi("/api/openapi.json", app)
    for found in schema.get_all_operations():
        operation = found.ok()

        @settings(
            max_examples=EXAMPLES, deadline=None, database=None, phases=[Phase.explicit, Phase.generate], derandomize=True,
            suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        def attempt(case):
            programs = "programs" in case.operation.definition.raw.get("tags", [])
            # Programs with a token are heard; of boxes only what a stranger can send is tried here.
            answer = case.call_and_validate(
                headers=bearer if programs else {},
                checks=[not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance],
            )  # fmt: skip
            tried.add(case.operation.label)
            if answer.status_code == 200:
                heard.add(case.operation.label)

        schemathesis_test(operation, attempt)
    described = {
        f"{method.upper()} {path}"
        for path, item in openapi()["paths"].items()
        for method in item
        if method in METHODS
    }
    assert tried | {"GET /api/openapi.json"} == described
    assert {"GET /api/1/me", "GET /api/1/schools", "GET /api/1/audit"} <= heard


def schemathesis_test(operation, attempt):
    """Run *attempt* for examples of *operation*."""
    from hypothesis import given

    given(case=operation.as_strategy())(attempt)()
