"""The commands by which somebody looks after what a hub keeps."""

from __future__ import annotations

import json

import pytest

from edubox.cli import run
from edubox.hub import audit, queue
from edubox.hub.hub import open_hub
from tests.hub.conftest import PASSPHRASE, country, country_template  # noqa: F401 - fixtures


@pytest.fixture
def call(capsys, monkeypatch):
    """Run a command and give its exit code and JSON."""
    monkeypatch.setenv("EDUBOX_PASSPHRASE", PASSPHRASE)

    def run_it(*line):
        code = run(["hub", *map(str, line), "--json"])
        return code, json.loads(capsys.readouterr().out.strip().splitlines()[-1])

    return run_it


def change(folder, work):
    hub = open_hub(folder)
    hub.database.change(work)
    hub.close()


def test_an_operator_backs_up_restores_and_finds_the_audit_whole(country, call, tmp_path):  # noqa: F811
    change(country, lambda c: audit.write(c, 1, "marie", "enrol.accept", "ac-test/x"))
    code, made = call("backup", tmp_path / "hub.tar", "--data", country)
    assert (code, made["head"][:2]) == (0, "1:")
    code, back = call("restore", tmp_path / "hub.tar", "--data", tmp_path / "new")
    assert (code, back["head"]) == (0, made["head"])
    code, told = call("audit", "--data", tmp_path / "new", "--verify", "--head", made["head"])
    assert (code, told["head"][:2]) == (0, "2:")
    code, told = call("audit", "--data", tmp_path / "new", "--subject", "ac-test/x")
    assert [line["actor"] for line in told["lines"]] == ["marie"]
    code, told = call("audit", "--data", tmp_path / "new", "--export", tmp_path / "audit.jsonl")
    assert told["lines"] == len((tmp_path / "audit.jsonl").read_text().splitlines()) == 2


def test_a_broken_audit_is_exit_code_3(country, call):  # noqa: F811
    change(country, lambda c: audit.write(c, 1, "marie", "enrol.accept", "ac-test/x"))
    change(country, lambda c: c.exec_driver_sql("UPDATE audit SET actor = 'paul'"))
    code, told = call("audit", "--data", country, "--verify")
    assert (code, told["error"]["code"]) == (3, "broken-audit")


def test_failed_work_is_shown_and_tried_again(country, call):  # noqa: F811
    change(country, lambda c: queue.put(c, "future", "x", {}, 0))
    run(["hub", "work", "--once", "--data", str(country)])
    _, told = call("queue", "--data", country)
    assert told["counts"]["failed"] == 1
    assert "update this hub" in told["jobs"][0]["said"]
    code, told = call("queue", "--data", country, "--again", told["jobs"][0]["id"])
    assert (code, told["counts"]["waiting"]) == (0, 1)
    assert call("queue", "--data", country, "--again", 999)[0] == 2


def test_without_a_bucket_there_is_nothing_to_release(country, call):  # noqa: F811
    code, told = call("release", "--data", country)
    assert (code, told["error"]["code"]) == (2, "bad-input")


def test_a_hub_moves_to_another_file_and_its_settings_follow(country, call, tmp_path):  # noqa: F811
    change(country, lambda c: audit.write(c, 1, "marie", "enrol.accept", "ac-test/x"))
    (tmp_path / "new.toml").write_text(f'database = "sqlite:///{tmp_path / "elsewhere.db"}"\n')
    code, told = call("move", "--data", country, "--to", tmp_path / "new.toml")
    assert (code, told["rows"]["audit"]) == (0, 1)
    assert call("audit", "--data", country, "--verify")[1]["head"] == told["head"]
    assert (tmp_path / "elsewhere.db").exists()
