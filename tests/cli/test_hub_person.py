"""``edubox hub person``: the first account, and the last resort."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from edubox.cli import run
from edubox.hub.accounts import codes, people
from edubox.hub.hub import open_hub
from edubox.publishing.country import create
from edubox.trust import keys
from tests.hub.conftest import COUNTRY_FILE


@pytest.fixture
def country(tmp_path, monkeypatch):
    monkeypatch.setattr(keys, "SCRYPT_N", 2**14)
    create(tmp_path / "tl", "Testland", COUNTRY_FILE, "secret", datetime.now(UTC))
    return tmp_path / "tl"


def said(capsys, *line):
    code = run(["hub", "person", *map(str, line), "--json"])
    return code, json.loads(capsys.readouterr().out or "{}")


def test_the_first_person_comes_by_a_code_and_the_last_one_stays(country, capsys):
    code, told = said(
        capsys, "add", "marie", "--data", country, "--role", "ministry", "--name", "Marie Lambert"
    )
    assert code == 0
    hub = open_hub(country)
    with hub.database.read() as connection:
        assert codes.invited(connection, told["code"], hub.now()) == people.named(connection, "marie").id
    hub.close()
    assert said(capsys, "list", "--data", country)[1]["people"] == [
        {
            "login": "marie",
            "name": "Marie Lambert",
            "role": "ministry",
            "authority": "",
            "password": False,
            "second": False,
        }
    ]
    assert (
        said(capsys, "add", "marie", "--data", country, "--role", "reader")[1]["error"]["code"]
        == "name-taken"
    )
    assert said(capsys, "add", "paul", "--data", country, "--role", "officer")[0] == 2, (
        "an officer works for an academy"
    )
    code, told = said(capsys, "remove", "marie", "--data", country)
    assert (code, told["error"]["code"]) == (2, "last-administrator")
    code, again = said(capsys, "reset", "marie", "--data", country)
    assert (code, again["login"]) == (0, "marie")
    assert said(capsys, "reset", "nobody", "--data", country)[0] == 2
