"""``school.toml``: what is taken, and what is said of each mistake before anything is built."""

from __future__ import annotations

import pytest

from edubox.errors import BadCard, BadInput
from edubox.hardware.files import hardware_folder
from edubox.hardware.image import recipe


def written(folder, text):
    (folder / "root.json").write_bytes(b"{}")
    (folder / "edubox.toml").write_text('name = "École du Bourg"\r\n', "utf-8")
    (folder / "school.toml").write_text(text, "utf-8")
    return folder / "school.toml"


def test_a_recipe_takes_the_files_beside_it(tmp_path):
    path = written(
        tmp_path,
        'country = "root.json"\ncard = "edubox.toml"\npackages = ["htop"]\n[box]\nlanguages = ["fr"]\n',
    )
    read = recipe.read(path)
    assert read.country == b"{}"
    assert "École du Bourg" in read.card.decode()
    assert (read.packages, read.box) == (("htop",), (("languages", ["fr"]),))


def test_the_example_that_we_ship_is_right(tmp_path):
    assert (
        recipe.read(written(tmp_path, (hardware_folder() / "school.toml").read_text("utf-8"))).country
        == b"{}"
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "does not say which country"),
        ("country = 1\n", "country must be a str"),
        ('country = "root.json"\nwifi = "x"\n', "no line called 'wifi'"),
        ('country = "other.json"\n', "other.json, which cannot be read"),
        ('country = "root.json"\npackages = ["htop; reboot"]\n', "names of Debian packages"),
        ('country = "root.json"\npackages = ["--hook=x"]\n', "names of Debian packages"),
        ('country = "root.json"\narguments = "quiet\\nboot"\n', "one line of plain words"),
        ('country = "root.json"\narguments = "x\\" y"\n', "one line of plain words"),
        ('country = "root.json\n', "school.toml"),
    ],
)
def test_each_mistake_is_said(tmp_path, text, said):
    with pytest.raises(BadInput, match=r"school\.toml") as raised:
        recipe.read(written(tmp_path, text))
    assert said in str(raised.value)


def test_a_card_that_no_box_would_take_is_not_built(tmp_path):
    path = written(tmp_path, 'country = "root.json"\ncard = "edubox.toml"\n')
    (tmp_path / "edubox.toml").write_text('nam = "x"\n', "utf-8")
    with pytest.raises(BadCard):
        recipe.read(path)
