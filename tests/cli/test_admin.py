"""``edubox box first-code`` and ``edubox box admin``: who gets in first, and who has the card in hand."""

from __future__ import annotations

import json

from edubox.box.accounts import first, people
from edubox.box.school.database import SchoolFile
from edubox.cli import run as edubox
from edubox.errors import BAD_INPUT
from tests.box.desk_client import SECRET
from tests.box.school import School


def run(capsys, *arguments):
    assert edubox(["box", *map(str, arguments)]) == 0
    return capsys.readouterr().out


def test_the_code_is_shown_until_it_is_used_and_another_one_is_made_for_who_has_the_card(tmp_path, capsys):
    data = School(tmp_path / "box").data
    (data / "box.toml").write_text("desk_port = 8444\n")
    first.make_if_needed(data, SchoolFile(data))
    shown = json.loads(run(capsys, "first-code", "--data", data, "--json"))
    assert shown["address"].startswith("https://")
    assert shown["address"].endswith(f":8444/bureau/premier/{first.read(data)}/")
    assert (data / "keys" / "first").stat().st_mode & 0o077 == 0, "nobody else may read it"
    assert shown["code"] in run(capsys, "first-code", "--data", data)

    first.use(data, SchoolFile(data), shown["code"], "Ada", SECRET, 1)
    assert edubox(["box", "first-code", "--data", str(data)]) == BAD_INPUT
    assert "edubox box admin" in capsys.readouterr().err
    other = json.loads(run(capsys, "admin", "--data", data, "--json"))["code"]
    assert other == first.read(data) != shown["code"]
    first.use(data, SchoolFile(data), other, "Grace", SECRET, 2)
    assert [one.name for one in people.every(SchoolFile(data))] == ["Ada", "Grace"]
