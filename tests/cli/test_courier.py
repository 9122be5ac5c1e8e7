"""The courier on the command line: the list, the parts, the import; what each says and its exit code."""

from __future__ import annotations

import json

import pytest

from edubox.box.setup import init
from tests.cli.country import edubox, edubox_json
from tests.sync.country import PUBLISHER, Country, film, text


@pytest.fixture
def country(tmp_path):
    country = Country(tmp_path / "country")
    country.publish("lune", {"index.html": text(1, 4000)})
    country.publish("mars", {"index.html": text(2, 4000)})
    return country


@pytest.fixture
def data(tmp_path, country):
    init(tmp_path / "box", country.root, [PUBLISHER], [], {"name": "École de la Lune"})
    return tmp_path / "box"


def test_a_list_goes_to_where_there_is_a_line_and_lessons_come_back(tmp_path, country, data):
    want = tmp_path / "want.json"
    asked = ["--from", country.mirror, "--want", want, "--to", tmp_path / "phone"]
    said = edubox_json("courier", "want", "--data", data, "-o", want)
    assert (said["follow"], said["have"], said["media"]) == ([PUBLISHER], 0, 0)
    made = edubox_json("courier", "export", *asked)
    assert [said["box"] in part for part in made["parts"]] == [True]
    brought = edubox_json("courier", "import", *made["parts"], "--data", data)
    assert (brought["lessons"], brought["rest"]) == (2, False)
    edubox("courier", "want", "--data", data, "-o", tmp_path / "want.json")
    assert len(json.loads((tmp_path / "want.json").read_bytes())["have"]) == 2
    country.publish("venus", {"index.html": text(3, 4000)})
    made = edubox_json("courier", "export", *asked)
    assert edubox_json("courier", "import", *made["parts"], "--data", data)["lessons"] == 1


def test_a_box_fills_a_courier_for_another_one(tmp_path, country, data):
    edubox("sync", "--data", data, "--from", country.mirror)
    said = edubox("courier", "export", "--data", data, "--to", tmp_path / "phone", "--part-size", "1").stdout
    (part,) = (tmp_path / "phone").iterdir()
    assert part.name == "edubox-tl-all-1of1.zip"
    assert part.name in said
    init(tmp_path / "other", country.root, [PUBLISHER], [], {})
    assert "2 lessons" in edubox("courier", "import", part, "--data", tmp_path / "other").stdout


def test_what_is_wrong_has_its_own_exit_code_and_a_sentence(tmp_path, country, data):
    other = Country(tmp_path / "other")
    edubox("courier", "export", "--from", other.mirror, "--to", tmp_path / "foreign")
    (foreign,) = (tmp_path / "foreign").iterdir()
    assert "another country" in edubox("courier", "import", foreign, "--data", data, check=3).stderr
    (tmp_path / "no.zip").write_bytes(b"no")
    for arguments in (
        ["import", tmp_path / "no.zip", "--data", data], ["import", tmp_path / "absent.zip", "--data", data], ["import", "--data", data],
        ["import", foreign, "--data", tmp_path / "nowhere"], ["export", "--to", tmp_path / "x"], ["export", "--from", country.mirror],
        ["export", "--from", country.mirror, "--data", data, "--to", tmp_path / "x"], ["export", "--asked"],
        ["export", "--from", country.mirror, "--to", tmp_path / "x", "--want", foreign], ["export", "--from", country.mirror, "--to", tmp_path / "x", "--want", tmp_path / "absent"],
        ["export", "--from", country.mirror, "--to", tmp_path / "x", "--part-size", "501"],
    ):  # fmt: skip
        edubox("courier", *arguments, check=2)
    assert edubox("courier", "export", "--from", tmp_path / "nowhere", "--to", tmp_path / "x", check=4).stderr


def test_a_part_without_the_others_is_no_failure(tmp_path, country, data):
    for number in (4, 5):
        country.publish(
            f"film{number}",
            {"index.html": text(number, 2000), "film.mp4": film(number, 700_000)},
            frozenset({"film.mp4"}),
        )
    first, second = edubox_json(
        "courier", "export", "--from", country.mirror, "--to", tmp_path / "phone", "--part-size", "1"
    )["parts"]
    alone = edubox_json("courier", "import", second, "--data", data)
    assert (alone["lessons"], alone["rest"]) == (4, True)
    assert "smaller numbers" in edubox("courier", "import", second, "--data", data).stdout
    both = edubox_json("courier", "import", first, "--data", data)
    assert (both["lessons"], both["rest"]) == (1, False)
