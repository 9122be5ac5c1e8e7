"""The whole way with the words of the command line: folder, lesson file, mirror, hub, box, a pupil's page."""

from __future__ import annotations

import contextlib
import json
import os

import pytest

from tests.cli.country import (
    build,
    edubox,
    edubox_json,
    free_port,
    make_country,
    page,
    serving,
    write_lesson,
)  # fmt: skip

TEXT = "<p>" + "La photosynthèse transforme la lumière en sucre. " * 40 + "</p>"


@pytest.fixture(scope="module")
def country(tmp_path_factory):
    return make_country(tmp_path_factory.mktemp("country") / "testland")


@pytest.fixture
def lesson(tmp_path):
    target = tmp_path / "lesson.edpack"
    build(write_lesson(tmp_path / "lesson", index=TEXT), target)
    return target


def box_for(country, data, *options):
    edubox("box", "init", "--data", data, "--country", country.root, "--follow", country.publisher, *options)
    return data


@contextlib.contextmanager
def served(data):
    """The ports of the pages and the lessons of the box in *data*, while the block runs."""
    pages, lessons = free_port(), free_port()
    ports = ("--port", pages, "--lesson-port", lessons, "--desk-port", 0)
    with serving("box", "serve", "--data", data, *ports, port=pages):
        yield pages, lessons


def test_an_operator_finds_the_folders_and_closed_keys_of_a_new_country(country):
    assert {"mirror", "keys", "locks"} <= {path.name for path in country.folder.iterdir()}
    online = country.folder / "keys" / "online"
    secrets = [path for path in (country.folder / "keys").rglob("*") if path.is_file()]
    assert secrets
    assert [path for path in secrets if path.is_relative_to(online)]
    assert all(path.stat().st_mode & 0o077 == 0 for path in secrets)
    assert country.root.is_file()


def test_a_pupil_reads_the_lesson_and_its_correction_after_a_few_bytes(country, lesson, tmp_path):
    country.publish(lesson, "photosynthese")
    hub = free_port()
    with serving(
        "hub",
        "serve",
        "--desk-port",
        "0",
        "--review-port",
        "0",
        "--data",
        country.folder,
        "--port",
        hub,
        "--listen",
        "127.0.0.1",
        port=hub,
    ):
        source = f"http://127.0.0.1:{hub}/"
        data = box_for(country, tmp_path / "box")
        first = edubox_json("sync", "--data", data, "--from", source, "--once")
        assert [(one["pack"], one["version"]) for one in first["packs"]] == [
            ("ministry/test/photosynthese", 1)
        ]
        nothing = edubox_json("sync", "--data", data, "--from", source, "--once")
        assert nothing["requests"] == 4, "two requests per repository"
        assert nothing["bytes"] <= 1000
        write_lesson(tmp_path / "lesson", index=TEXT + "<p>Et en dioxygène.</p>")
        build(tmp_path / "lesson", tmp_path / "second.edpack")
        published = country.publish(tmp_path / "second.edpack", "photosynthese")
        assert published["version"] == 2
        update = edubox_json("sync", "--data", data, "--from", source, "--once")
        (changed,) = update["packs"]
        assert changed["version"] == 2
        assert changed["bytes"] < 500, "a sentence more is not a lesson more"
    with served(data) as (pages, lessons):
        assert "La leçon" in page(f"http://127.0.0.1:{pages}/fr/")
        manifest = published["manifest"]
        assert "dioxygène" in page(f"http://127.0.0.1:{lessons}/c/{manifest}/index.html")


def test_a_box_without_a_line_reads_a_copied_folder_and_an_empty_one_stays_friendly(
    country, lesson, tmp_path
):
    country.publish(lesson, "par-dossier")
    data = box_for(country, tmp_path / "box", "--from", country.mirror)
    report = edubox_json("sync", "--data", data)
    assert "ministry/test/par-dossier" in {one["pack"] for one in report["packs"]}


def test_publishing_the_same_lesson_again_changes_nothing(country, lesson):
    first = country.publish(lesson, "deux-fois")
    again = country.publish(lesson, "deux-fois")
    assert (again["version"], again["unchanged"]) == (first["version"], True)


def test_a_withdrawn_lesson_leaves_the_box_at_its_next_synchronisation(country, lesson, tmp_path):
    country.publish(lesson, "a-retirer")
    data = box_for(country, tmp_path / "box", "--from", country.mirror)
    edubox("sync", "--data", data)
    edubox("withdraw", country.publisher, "a-retirer", "--to", country.mirror)
    edubox("sync", "--data", data)
    with served(data) as (pages, _):
        assert "/a-retirer/" not in page(f"http://127.0.0.1:{pages}/fr/")


def test_a_box_that_is_not_well_is_code_1_and_says_what_to_do(country, tmp_path):
    data = box_for(country, tmp_path / "box", "--from", country.mirror)
    edubox("doctor", "--data", data)
    (data / "keys" / "root.json").unlink()
    assert "not pinned" in edubox("doctor", "--data", data, check=1).stdout
    assert json.loads(edubox("doctor", "--data", data, "--json", check=1).stdout)["state"] == "broken"


def test_a_box_that_follows_nobody_is_told_so_at_every_step(country, tmp_path):
    data = tmp_path / "box"
    assert "follow" in edubox("box", "init", "--data", data, "--country", country.root).stdout
    assert "follow" in edubox("sync", "--data", data, "--from", country.mirror).stdout
    assert "follow" in edubox("doctor", "--data", data).stdout


def test_a_group_without_a_command_shows_its_commands_as_help_not_as_an_error():
    for group in ([], ["box"]):
        said = edubox(*group, check=2).stderr
        assert said.startswith("Usage: ")
        assert "Commands:" in said


def test_a_wrong_option_names_the_page_of_help():
    assert edubox("box", "serve", "--prot", "1", check=2).stderr.rstrip().endswith("edubox box serve --help")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["pack", "show", "absent.edpack"], 2),
        (["pack", "build", "absent", "-o", "x.edpack"], 2),
        (["sync", "--data", "absent", "--from", "absent"], 2),
        (["publish", "absent.edpack", "--to", "absent", "--as", "ministry/x", "--slug", "x"], 2),
        (["box", "init", "--data", "x", "--country", "absent"], 2),
        (["doctor", "--data", "absent"], 2),
        (["sync", "--data", "."], 2),
        (["pack", "build", ".", "-o", "."], 2),
        (["country", "create", f"{__file__}/x", "--name", "X"], 2),
        (["no-such-command"], 2),
    ],
)
def test_a_mistake_is_a_sentence_and_a_json_object_never_a_traceback(arguments, code, tmp_path):
    done = edubox(*arguments, "--json", check=None)
    assert done.returncode == code
    assert done.stderr.startswith("edubox: error: ")
    assert json.loads(done.stdout)["error"]["exit_code"] == code


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["box", "serve", "--data", "."], "there is no box in ."),
        (["box", "serve", "--data", ".", "--port", "99999"], "--port"),
        (["demo", "--hub-port", "99999"], "--hub-port"),
        (["demo", "--data", __file__], "File exists"),
    ],
)
def test_a_server_that_cannot_start_says_why(arguments, says):
    done = edubox(*arguments, check=2)
    assert done.stderr.startswith("edubox: error: ")
    assert says in done.stderr


def test_an_unreachable_source_is_code_4_and_a_wrong_passphrase_code_3(country, lesson, tmp_path):
    data = box_for(country, tmp_path / "box")
    edubox("sync", "--data", data, "--from", f"http://127.0.0.1:{free_port()}/", check=4)
    edubox(
        "publish", lesson, "--to", country.mirror, "--as", country.publisher, "--slug", "x", check=3,
        EDUBOX_PASSPHRASE="wrong",
    )  # fmt: skip


def test_an_older_country_offered_again_is_refused_with_code_3(country, lesson, tmp_path):
    country.publish(lesson, "avant")
    old = tmp_path / "old-mirror"
    assert os.system(f"cp -a {country.mirror} {old}") == 0
    data = box_for(country, tmp_path / "box")
    country.publish(lesson, "apres")
    edubox("sync", "--data", data, "--from", country.mirror)
    edubox("sync", "--data", data, "--from", old, check=3)
