"""``edubox image build`` says what is missing before it fetches anything."""

from __future__ import annotations

import json
import os

import pytest

from tests.cli.country import edubox


def build(folder, board="pc-amd64", recipe='country = "root.json"\n', output="box.img"):
    (folder / "root.json").write_bytes(b"{}")
    (folder / "school.toml").write_text(recipe, "utf-8")
    done = edubox(
        "image", "build", folder / "school.toml", "--board", board, "-o", folder / output,
        "--package", folder / "none.deb", "--cache", folder / "cache", "--mirror", folder, "--json", check=2,
    )  # fmt: skip
    assert not (folder / "cache").exists(), "nothing was fetched"
    assert not (folder / output).exists()
    return json.loads(done.stdout)["error"]["message"]


def test_a_board_that_nobody_knows(tmp_path):
    assert "there are: pc-amd64, rpi-arm64" in build(tmp_path, board="toaster")


def test_a_recipe_with_a_mistake(tmp_path):
    assert "no line called 'wifi'" in build(tmp_path, recipe='country = "root.json"\nwifi = "x"\n')


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gets so far")
@pytest.mark.parametrize(
    ("output", "said"), [("box.system", "must end in .img"), ("none/box.img", "none was not found")]
)
def test_a_place_where_no_image_can_be(tmp_path, output, said):
    assert said in build(tmp_path, output=output)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gets so far")
def test_a_package_that_is_not_there(tmp_path):
    assert "none.deb" in build(tmp_path)
