"""The documentation and the program name the same commands, options, settings and exit codes."""

from __future__ import annotations

import json
import re
from pathlib import Path

import click
import pytest

from edubox import errors
from edubox.cli import root
from edubox.hub.settings import SETTINGS as HUB_SETTINGS
from edubox.settings import SETTINGS

DOCS = Path(__file__).parents[2] / "docs"
COMMANDS = (DOCS / "commands.md").read_text("utf-8")


def leaves(command, path=("edubox",)):
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            yield from leaves(command.get_command(context, name), (*path, name))
    else:
        yield " ".join(path), command


LEAVES = dict(leaves(root))
SECTIONS = {
    section.partition("\n")[0].strip(): section
    for section in COMMANDS.split("\n## ")
    if section.startswith("edubox ")
}


@pytest.mark.parametrize("name", LEAVES)
def test_every_command_and_option_is_explained(name):
    assert name in SECTIONS, f"docs/commands.md has no section “{name}”"
    for option in LEAVES[name].params:
        if isinstance(option, click.Option):
            assert f"`{option.opts[-1]}`" in SECTIONS[name] or any(
                f"`{one}`" in SECTIONS[name] for one in option.opts
            )
            assert option.help, f"{name} {option.opts} has no help"
    assert LEAVES[name].help, f"{name} has no help"


def test_no_command_is_explained_that_does_not_exist():
    assert SECTIONS.keys() == LEAVES.keys()


@pytest.mark.parametrize("name", LEAVES)
def test_no_option_is_explained_that_does_not_exist(name):
    explained = set(re.findall(r"^\| `(--[a-z-]+)`", SECTIONS[name], re.MULTILINE))
    assert explained <= {spelling for option in LEAVES[name].params for spelling in option.opts}


def test_every_setting_is_explained_with_its_default_and_help():
    text = (DOCS / "settings.md").read_text("utf-8")
    for setting in SETTINGS:
        row = next((line for line in text.splitlines() if line.startswith(f"| `{setting.name}` |")), "")
        assert setting.help in row, f"docs/settings.md: {setting.name}"
    assert text.count("\n| `") == len(SETTINGS)


def test_every_setting_of_a_hub_is_explained_with_its_default_and_help():
    lines = (DOCS / "hub.md").read_text("utf-8").splitlines()
    for setting in HUB_SETTINGS:
        row = next((line for line in lines if line.startswith(f"| `{setting.name}` |")), "")
        assert f"`{json.dumps(setting.default, ensure_ascii=False)}`" in row, f"docs/hub.md: {setting.name}"
        assert setting.help in row, f"docs/hub.md: {setting.name}"
    assert len([line for line in lines if line.startswith("| `")]) == len(HUB_SETTINGS)


def test_every_error_has_its_own_code_and_a_documented_exit_code():
    classes = [
        one for one in vars(errors).values() if isinstance(one, type) and issubclass(one, errors.EduboxError)
    ]
    codes = [one.code for one in classes]
    assert len(codes) == len(set(codes))
    documented = {int(code) for code in re.findall(r"^\| (\d) \|", COMMANDS, re.MULTILINE)}
    assert {one.exit_code for one in classes} <= documented
