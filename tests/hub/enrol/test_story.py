"""Two programs beside each other, as on two computers: a school's box asks, an officer looks, the academy signs, the box knows it."""

from __future__ import annotations

import json

import pytest

from edubox.trust.codes import new_code
from tests.cli.country import edubox, edubox_json, free_port, make_country, serving
from tests.hub.enrol.world import table


@pytest.fixture
def country(tmp_path):
    made = make_country(tmp_path / "country")
    edubox(
        "country",
        "add-publisher",
        made.folder,
        "--id",
        "ac-nord/lecons",
        "--name",
        "Académie du Nord",
        "--kind",
        "academy",
    )
    return made


def codes(tmp_path, *schools):
    """A technician's list of these schools; their codes."""
    made = [new_code() for _ in schools]
    (tmp_path / "schools.codes.csv").write_bytes(
        table(
            [(school, f"ecole-{n}", code) for n, (school, code) in enumerate(zip(schools, made, strict=True))]
        )
    )
    return tmp_path / "schools.codes.csv", made


def box(tmp_path, country, source=None, name="École du Bourg"):
    where = tmp_path / f"box-{name[-1]}"
    edubox(
        "box",
        "init",
        "--data",
        where,
        "--country",
        country.root,
        "--name",
        name,
        *(["--from", source] if source else []),
    )
    return where


def test_a_box_is_taken_in_by_two_people_and_three_commands(tmp_path, country):
    listed, (code,) = codes(tmp_path, "École du Bourg")
    port, ours = free_port(), free_port()
    hub = [
        "hub",
        "serve",
        "--data",
        country.folder,
        "--port",
        port,
        "--desk-port",
        0,
        "--review-port",
        0,
        "--listen",
        "127.0.0.1",
    ]
    with serving(*hub, port=port):
        source = f"http://127.0.0.1:{port}/"
        where = box(tmp_path, country, source)
        desk = [
            "box",
            "serve",
            "--data",
            where,
            "--port",
            ours,
            "--lesson-port",
            0,
            "--desk-port",
            0,
            "--listen",
            "127.0.0.1",
        ]
        with serving(*desk, port=ours):
            imported = edubox_json(
                "academy", "codes", "import", listed, "--data", country.folder, "--authority", "ac-nord"
            )
            assert imported["new"] == 1
            assert edubox_json("enrol", "--data", where, "--code", code.lower())["state"] == "asked"
            (asked,) = edubox_json("academy", "list", "--data", country.folder)["asked"]
            assert (asked["school"], asked["from"]) == ("École du Bourg", "this computer")
            assert asked["sheet"] in edubox("box", "sheet", "--data", where).stdout
            assert edubox_json("academy", "accept", asked["request"], "--data", country.folder)[
                "accepted"
            ] == ["ac-nord/ecole-0"]
            assert edubox_json("enrol", "--data", where)["state"] == "promised"
            edubox("sync", "--data", where)
            assert edubox_json("enrol", "--data", where, "--status")["state"] == "promised"
            done = edubox("academy", "sign", "--data", country.folder, "--yes")
            assert "takes in  ac-nord/ecole-0" in done.stderr
            edubox("sync", "--data", where)
            told = edubox_json("enrol", "--data", where, "--status")
            assert (told["state"], told["id"]) == ("accepted", "ac-nord/ecole-0")
            checks = {
                one["name"]: one for one in edubox_json("doctor", "--data", where, check=None)["checks"]
            }
            assert checks["enrolment"]["level"] == "good"
            assert "accepted this box" in checks["enrolment"]["says"]
            # Stolen on Friday: one action, one signature.
            edubox("academy", "suspend", "ac-nord/ecole-0", "--data", country.folder, "--reason", "stolen")
            edubox("academy", "sign", "--data", country.folder, "--yes")
            edubox("sync", "--data", where)
            assert edubox_json("enrol", "--data", where, "--status")["state"] == "suspended"


def test_a_wrong_code_is_a_mistake_that_is_told_before_anybody_is_asked(tmp_path, country):
    where = box(tmp_path, country)
    said = edubox("enrol", "--data", where, "--code", "K7QM-3XWD-9RTB", check=2)
    assert "slip" in said.stderr
    assert edubox_json("enrol", "--data", where, "--status")["state"] == ""


def test_an_academy_signs_with_a_key_that_never_was_on_the_hub_for_a_school_without_a_line(tmp_path, country):
    key, founding, queue, signed = (
        tmp_path / name for name in ("ac.key", "founding.json", "queue.json", "signed.json")
    )
    edubox("academy", "found", "ac-sud", "--key", key, "-o", founding)
    edubox("country", "add-authority", country.folder, founding)
    listed, (code,) = codes(tmp_path, "École du Port")
    edubox(
        "academy", "codes", "import", listed, "--data", country.folder, "--authority", "ac-sud", "--automatic"
    )
    (found,) = edubox_json("academy", "codes", "list", "--data", country.folder)["lists"]
    assert (found["codes"], found["automatic"]) == (1, True)
    stick = tmp_path / "stick"
    stick.mkdir()
    where = box(tmp_path, country, name="École du Port")
    edubox("stick", "prepare", stick, "--from", country.mirror)
    edubox("enrol", "--data", where, "--code", code)
    edubox("stick", "exchange", stick, "--data", where)
    (said,) = edubox_json("academy", "take", stick, "--data", country.folder)["requests"].values()
    assert said == "accepted ac-sud/ecole-0"
    assert (
        edubox_json("academy", "export", "--data", country.folder, "--authority", "ac-sud", "-o", queue)[
            "lines"
        ]
        == 1
    )
    assert edubox("academy", "sign", queue, "--key", key, "-o", signed, "--json").returncode == 0
    edubox(
        "academy",
        "sign",
        queue,
        "--key",
        country.folder / "keys/authorities/ministry",
        "-o",
        tmp_path / "no.json",
        "--yes",
        check=3,
    )
    assert edubox_json("academy", "import", signed, "--data", country.folder)["signed"] == ["ac-sud/ecole-0"]
    edubox("academy", "import", signed, "--data", country.folder, check=2)
    edubox("stick", "prepare", stick, "--from", country.mirror)
    edubox("stick", "exchange", stick, "--data", where)
    assert edubox_json("enrol", "--data", where, "--status")["state"] == "accepted"


def test_the_ministry_holds_its_ceremony(tmp_path):
    keys = []
    for name in ("alice", "bob", "chloe"):
        keys.append(tmp_path / f"{name}.key")
        edubox("country", "ceremony", "key", keys[-1])
    public = [one for key in keys for one in ("--root-key", f"{key}.pub")]
    folder, proposal = tmp_path / "country", tmp_path / "root.json"
    edubox(
        "country",
        "ceremony",
        "create",
        folder,
        "--name",
        "Testland",
        *public,
        "--threshold",
        2,
        "-o",
        proposal,
    )
    assert not (folder / "keys" / "root").exists()
    edubox("country", "ceremony", "publish", folder, proposal, check=3)
    transcript = tmp_path / "transcript.txt"
    edubox("country", "ceremony", "sign", proposal, "--key", keys[0], "--yes")
    left = edubox_json("country", "ceremony", "show", proposal)["lacking"]
    assert left == {"before": 0, "new": 1}
    edubox("country", "ceremony", "sign", proposal, "--key", keys[2], "--yes")
    assert (
        edubox_json("country", "ceremony", "publish", folder, proposal, "--transcript", transcript)["root"]
        == 2
    )
    text = transcript.read_text()
    assert "Published as root 2." in text
    assert text.count("[x]") == 3
    # The yearly change, with new keys for the hub.
    again = tmp_path / "next.json"
    begin = [
        "country",
        "ceremony",
        "begin",
        folder,
        *public,
        "--threshold",
        3,
        "--new-key",
        "timestamp",
        "-o",
        again,
    ]
    edubox(*begin)
    for key in keys:
        edubox("country", "ceremony", "sign", again, "--key", key, "--yes")
    assert edubox_json("country", "ceremony", "publish", folder, again)["root"] == 3
    edubox("country", "add-publisher", folder, "--id", "ministry/x", "--name", "X")
    root = json.loads((folder / "mirror/directory/metadata/3.root.json").read_bytes())["signed"]["roles"][
        "root"
    ]
    assert (root["threshold"], len(root["keyids"])) == (3, 3)
