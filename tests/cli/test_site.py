"""``edubox site export``: from a mirror that nobody believes, and from a box, with a class's secret folder."""

from __future__ import annotations

import json

import pytest

from edubox.box.own import identity
from edubox.box.school import classes
from edubox.box.school.database import SchoolFile
from tests.cli.country import build, edubox, edubox_json, make_country, write_lesson


def publish(country, folder, slug, word):
    build(write_lesson(folder / slug, index=f"<p>{word}</p>"), folder / f"{slug}.edpack")
    country.publish(folder / f"{slug}.edpack", slug)


def everything(out):
    return b"\n".join(
        path.read_bytes() for path in sorted(out.rglob("*")) if path.is_file() and path.suffix != ".gz"
    )


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """A country with two lessons, and a box that follows it and has one of its own."""
    folder = tmp_path_factory.mktemp("world")
    country = make_country(folder / "country")
    publish(country, folder, "marees", "gravitation")
    publish(country, folder, "volcans", "magmatisme")
    data = folder / "box"
    edubox(
        "box",
        "init",
        "--data",
        data,
        "--country",
        country.root,
        "--follow",
        country.publisher,
        "--from",
        country.mirror,
    )
    edubox("sync", "--data", data)
    build(
        write_lesson(folder / "own", index="<p>confidentiel</p>"),
        folder / "own.edpack",
        "--title",
        "Notre sortie",
    )
    edubox("box", "publish", folder / "own.edpack", "--data", data, "--slug", "sortie")
    country.data, country.own = data, identity.read(data).id
    return country


def test_a_mirror_becomes_a_site_and_again_only_what_changed(world, tmp_path):
    out = tmp_path / "site"
    first = edubox_json("site", "export", world.mirror, out, "--name", "Académie d'essai", "--language", "fr")
    assert first["pages"] > 10
    assert "Académie d&#39;essai" in (out / "fr/index.html").read_text()
    assert b"gravitation" in everything(out)
    assert not (out / "en").exists()
    again = edubox_json("site", "export", world.mirror, out, "--name", "Académie d'essai", "--language", "fr")
    assert (again["written"], again["removed"]) == (0, 0)


def test_a_mirror_that_was_altered_is_not_shown(world, tmp_path):
    import shutil

    altered = tmp_path / "mirror"
    shutil.copytree(world.mirror, altered)
    index = next(altered.glob("publishers/ministry/test/targets/*marees.json"))
    index.write_bytes(index.read_bytes().replace(b'"version":', b'"version" :'))
    edubox("site", "export", altered, tmp_path / "site", check=3)
    assert b"gravitation" not in everything(tmp_path / "site")


def test_a_mirror_of_another_country_is_refused(world, tmp_path):
    other = make_country(tmp_path / "other")
    edubox("site", "export", world.mirror, tmp_path / "site", "--country", other.root, check=3)
    edubox("site", "export", world.mirror, tmp_path / "second", "--language", "fr")
    # What was trusted the first time is what is trusted.
    edubox("site", "export", other.mirror, tmp_path / "second", "--language", "fr", check=3)
    assert (tmp_path / "second/fr/lecon/ministry/test/marees/index.html").exists()


@pytest.mark.parametrize(("arguments", "said"), [
    (["--class", "123456"], "--data"),
    (["--portable", "--address", "https://x.example"], "portable"),
    (["--lessons", "javascript:x"], "--lessons"),
    (["--language", "français"], "--language"),
])  # fmt: skip
def test_what_cannot_be_is_said_before_anything_is_written(world, tmp_path, arguments, said):
    done = edubox("site", "export", world.mirror, tmp_path / "site", *arguments, check=2)
    assert said in done.stderr
    assert not (tmp_path / "site").exists()


def test_with_a_box_the_mirror_is_its_own(world, tmp_path):
    edubox("site", "export", tmp_path, tmp_path / "site", "--data", world.data, check=2)


def test_the_schools_own_lessons_are_in_no_public_file(world, tmp_path):
    out = tmp_path / "site"
    edubox("site", "export", world.data / "mirror", out, "--data", world.data)
    said = everything(out)
    assert b"gravitation" in said
    for word in (b"confidentiel", b"Notre sortie", b"sortie/", world.own.encode()):
        assert word not in said


def test_a_class_gets_what_it_was_given_and_its_own_lessons_only_under_its_secret_link(world, tmp_path):
    school, out = SchoolFile(world.data), tmp_path / "site"
    code = classes.make(school, "Sixième B")
    classes.give(school, code, "ministry/test/marees", "Marées", day=1_795_000_000)
    classes.give(school, code, f"{world.own}/sortie", "Notre sortie", day=1_795_000_000)
    export = ("site", "export", world.data / "mirror", out, "--data", world.data, "--class", code)
    assert edubox_json(*export)["homes"] == {}
    said = everything(out)
    assert b"gravitation" in said
    assert b"magmatisme" not in said
    assert b"confidentiel" not in said

    classes.switch_home(school, code, on=True)
    key = classes.of_code(school, code).home
    assert edubox_json(*export)["homes"] == {code: f"/{key}/"}
    assert b"confidentiel" in everything(out / key)
    assert b"magmatisme" not in everything(out / key)
    for path in out.rglob("*"):
        if path.is_file() and key not in path.parts:
            text = path.read_bytes()
            assert key.encode() not in text, path
            assert b"confidentiel" not in text, path

    classes.switch_home(school, code, on=False)
    edubox(*export)
    assert not (out / key).exists()


def test_json_names_what_was_done(world, tmp_path):
    done = edubox("site", "export", world.mirror, tmp_path / "site", "--json", "--portable")
    assert json.loads(done.stdout).keys() == {"out", "pages", "written", "removed", "homes", "left_out"}
    assert done.stderr == ""


def test_without_follow_a_site_has_the_collections_of_a_country_of_many_schools(world, tmp_path):
    import shutil

    mirror = tmp_path / "mirror"
    shutil.copytree(world.mirror, mirror)
    # Schools that come before the country's own in every list.
    for number in range(250):
        (mirror / "publishers" / "aa-nord" / f"ecole-{number}" / "metadata").mkdir(parents=True)
    made = edubox_json("site", "export", mirror, tmp_path / "site", "--language", "fr")
    assert made["left_out"] == 0
    assert b"gravitation" in everything(tmp_path / "site")
