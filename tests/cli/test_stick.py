"""A stick from a hub to two schools without a line, with the command line alone."""

from __future__ import annotations

import json
import shutil

import pytest

from tests.cli.country import build, edubox, edubox_json, make_country, write_lesson


@pytest.fixture(scope="module")
def country(tmp_path_factory):
    country = make_country(tmp_path_factory.mktemp("country"))
    folder = tmp_path_factory.mktemp("lesson")
    build(write_lesson(folder / "lesson", index="<p>La Lune tourne.</p>"), folder / "lune.edpack")
    country.publish(folder / "lune.edpack", "lune")
    return country


@pytest.fixture
def school(tmp_path, country):
    data = tmp_path / "box"
    edubox("box", "init", "--data", data, "--country", country.root, "--follow", country.publisher)
    return data


def test_a_lesson_travels_from_the_hub_to_a_school_on_a_stick(tmp_path, country, school):
    mount = tmp_path / "usb"
    mount.mkdir()
    done = edubox_json("stick", "prepare", mount, "--from", country.mirror)
    assert (done["stick"], done["left"]) == (str(mount), [])
    assert done["files"] > 5
    done = edubox_json("stick", "exchange", mount, "--data", school)
    assert done["came"] == [{"pack": "ministry/test/lune", "version": 1, "state": "ready"}]
    again = edubox("stick", "exchange", mount, "--data", school)
    assert "nothing new" in again.stdout
    assert "may be pulled" in again.stdout
    assert len(list((mount / "edubox" / "wants").iterdir())) == 1
    # The school's box makes a stick for the next one.
    (tmp_path / "second").mkdir()
    said = edubox("stick", "prepare", tmp_path / "second", "--data", school).stdout
    assert "is ready" in said
    shutil.rmtree(school)
    edubox("box", "init", "--data", school, "--country", country.root, "--follow", country.publisher)
    done = edubox_json("sync", "--data", school, "--from", tmp_path / "second")
    assert [one["state"] for one in done["packs"]] == ["ready"]


def test_an_erased_lesson_is_taken_from_the_stick_by_the_next_box_that_knows(tmp_path, country, school):
    build(write_lesson(tmp_path / "secret", index="<p>Un nom.</p>"), tmp_path / "secret.edpack")
    country.publish(tmp_path / "secret.edpack", "secret")
    mount = tmp_path / "usb"
    mount.mkdir()
    edubox("stick", "prepare", mount, "--from", country.mirror)
    before = {path.name for path in (mount / "edubox" / "bundles").rglob("*") if path.is_file()}
    edubox("erase", "--to", country.mirror, "--as", country.publisher, "--slug", "secret")
    edubox("sync", "--data", school, "--from", country.mirror)
    edubox("stick", "exchange", mount, "--data", school)
    gone = before - {path.name for path in (mount / "edubox" / "bundles").rglob("*") if path.is_file()}
    assert len(gone) == 1


def test_strange_sticks_and_orders_are_told_and_nothing_is_written(tmp_path, country, school):
    mount = tmp_path / "usb"
    mount.mkdir()
    refused = edubox("stick", "exchange", mount, "--data", school, "--json", check=2)
    assert json.loads(refused.stdout)["error"]["code"] == "not-our-stick"
    assert "edubox stick prepare" in refused.stderr
    assert list(mount.iterdir()) == []
    edubox("stick", "prepare", mount, check=2)
    edubox("stick", "prepare", mount, "--data", school, "--from", country.mirror, check=2)
    edubox("stick", "prepare", mount, "--from", tmp_path, check=2)
    edubox("stick", "prepare", tmp_path / "gone", "--from", country.mirror, check=2)
    edubox("stick", "exchange", tmp_path / "gone", "--data", school, check=4)
    edubox("stick", "exchange", mount, "--data", tmp_path / "nobox", check=2)
    assert list(mount.iterdir()) == []
