"""``box.toml``: what is written is read back, and what cannot be is refused by its name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edubox.errors import BadInput
from edubox.settings import SETTINGS, dump_settings, load_settings

DEFAULTS = {setting.name: setting.default for setting in SETTINGS}


def test_a_box_without_settings_has_the_defaults(tmp_path):
    assert load_settings(tmp_path / "box.toml") == DEFAULTS


@given(st.text(), st.lists(st.text()))
def test_every_name_and_source_survives_the_file(tmp_path_factory, name, sources):
    path = tmp_path_factory.mktemp("settings") / "box.toml"
    chosen = DEFAULTS | {"name": name.encode("utf-8", "replace").decode(), "announce": False}
    chosen["sources"] = [source.encode("utf-8", "replace").decode() for source in sources]
    path.write_text(dump_settings(chosen), "utf-8")
    assert load_settings(path) == chosen


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("prot = 80", "prot"), ('port = "80"', "port"), ("port = 70000", "port"), ("lesson_port = -1", "lesson_port"),
        ("announce = 1", "announce"), ("follow = [1]", "follow"), ("languages = []", "languages"),
        ('languages = ["Français"]', "languages"), ("port = ", "box.toml"), ("\x00", "box.toml"),
    ],
)  # fmt: skip
def test_a_mistake_is_refused_with_its_name(tmp_path, line, named):
    path = tmp_path / "box.toml"
    path.write_text(line, "utf-8")
    with pytest.raises(BadInput, match=named):
        load_settings(path)


def test_a_file_that_is_no_text_is_refused(tmp_path):
    path = tmp_path / "box.toml"
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(BadInput, match=r"box\.toml"):
        load_settings(path)
