"""The way back with the words of the command line, read by a real box: the lesson of before, and no object fetched again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from edubox.store.mirror_app import mirror_app
from tests.cli.country import behind_a_hub, build, edubox, edubox_json, write_lesson
from tests.serving import serving
from tests.sync.relaying.world import counting


def lesson_of(data):
    """What a pupil would read on the box."""
    (tree,) = [path for path in (data / "site").iterdir() if (path / "index.html").exists()][-1:]
    return (tree / "index.html").read_text("utf-8")


def test_a_box_shows_the_lesson_of_before_and_downloads_no_object_again(tmp_path):
    with behind_a_hub(tmp_path, 1_000_000) as country:
        application, asked = counting(mirror_app(country.mirror))
        with serving(application) as source:
            data = tmp_path / "box"
            edubox("box", "init", "--data", data, "--country", country.root, "--follow", country.publisher)
            first = edubox_json("sync", "--data", data, "--from", source, "--once")
            (tmp_path / "lesson" / "film.mp4").unlink()
            write_lesson(tmp_path / "lesson", index="<h1>Une faute</h1>")
            build(tmp_path / "lesson", tmp_path / "wrong.edpack")
            wrong = country.publish(tmp_path / "wrong.edpack", "marees")
            (changed,) = edubox_json("sync", "--data", data, "--from", source, "--once")["packs"]
            assert changed["version"] == wrong["version"] == 2
            done = edubox_json("revert", country.publisher, "marees", "--to", country.mirror)
            assert done["packs"] == [{"pack": f"{country.publisher}/marees", "version": 3, "of": 1}]
            asked.clear()
            (again,) = edubox_json("sync", "--data", data, "--from", source, "--once")["packs"]
            assert (again["version"], again["state"], again["bytes"]) == (3, "ready", 0)
            assert not [path for path in asked if path.startswith(("objects", "bundles"))]
            manifests = {path.name for path in (data / "site").iterdir()}
            assert len(first["packs"]) == 1
            assert len(manifests) >= 1
            said = edubox(
                "revert", country.publisher, "marees", "--to", country.mirror, "--version", 1
            ).stdout
            assert "Nothing changed" in said
            # A box that comes later finds the lesson of before, with its film.
            late = tmp_path / "late"
            edubox("box", "init", "--data", late, "--country", country.root, "--follow", country.publisher)
            edubox("sync", "--data", late, "--from", source, "--once")
            assert "Les marées" in lesson_of(late)


def test_everything_of_a_publisher_goes_back_to_a_moment_and_wrong_words_are_told(tmp_path):
    with behind_a_hub(tmp_path, 1000) as country:
        ahead = (datetime.now(UTC) + timedelta(days=1)).strftime("%Y-%m-%dT%H:%MZ")
        past = (datetime.now(UTC) - timedelta(days=1)).strftime("%Y-%m-%dT%H:%MZ")
        to = ("--to", country.mirror)
        assert "to come" in edubox("revert", country.publisher, *to, "--at", ahead, check=2).stderr
        assert "not a moment" in edubox("revert", country.publisher, *to, "--at", "Friday", check=2).stderr
        for wrong in ((), ("marees", "--at", past), ("--version", 1)):
            assert "name a lesson" in edubox("revert", country.publisher, *wrong, *to, check=2).stderr
        assert "marees" in edubox("revert", country.publisher, "marees", *to, check=2).stderr
        done = edubox_json("revert", country.publisher, *to, "--at", past)
        assert done["packs"] == [{"pack": f"{country.publisher}/marees", "version": 2, "of": None}]
