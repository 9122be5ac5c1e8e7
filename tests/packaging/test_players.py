"""What `make players` takes from npm: by name and hash, from no place in particular, with every licence."""

from __future__ import annotations

import importlib.util
import json
import re
import sys
from pathlib import Path
from types import SimpleNamespace

from edubox.pages.player import NEEDS
from tests.browser.needs import players_or_skip

ROOT = Path(__file__).parents[2]
PLAYERS = ROOT / "packaging" / "players"


def load(path):
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


build = load(PLAYERS / "build.py")


def test_the_lock_names_packages_and_hashes_and_no_place():
    text = (PLAYERS / "package-lock.json").read_text("utf-8")
    assert "://" not in text
    assert "resolved" not in text
    packages = {name: found for name, found in json.loads(text)["packages"].items() if name}
    assert all(found["integrity"].startswith("sha512-") for found in packages.values())


def test_every_version_is_exact():
    wanted = json.loads((PLAYERS / "package.json").read_text("utf-8"))["dependencies"]
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in wanted.values())
    assert wanted.keys() == {package for package, _ in build.FILES.values()}


def test_what_a_player_needs_is_built_and_every_package_brings_its_licence():
    assert {name for needs in NEEDS.values() for name in needs} <= build.FILES.keys()
    assert {package for package, name in build.FILES.values() if "LICENSE" in name} == {
        package for package, _ in build.FILES.values()
    }


def test_fonts_that_every_device_has_already_do_not_travel():
    css = "@font-face {\n font-family: Inter;\n src: url('../fonts/inter/a.woff2');\n}\n@font-face {\n src: url('../fonts/h5p-theme.woff2');\n}\np{}"
    kept = build.CHANGED["h5p/styles/h5p.css"](css)
    assert "inter/" not in kept
    assert "h5p-theme.woff2" in kept
    assert kept.endswith("p{}")


def test_nothing_that_is_built_names_another_site_to_load_from():
    players_or_skip()
    for path in build.BUILT.rglob("*.css"):
        assert not re.search(r"url\(['\"]?(https?:)?//", path.read_text("utf-8")), path


def test_a_package_carries_the_players_if_they_are_built(tmp_path, monkeypatch):
    # The builder is not installed where tests run; the hook asks it only for the class that it extends.
    steps = ["hatchling", "builders", "hooks", "plugin", "interface"]
    for number in range(1, len(steps) + 1):
        monkeypatch.setitem(sys.modules, ".".join(steps[:number]), SimpleNamespace(BuildHookInterface=object))
    hook = load(ROOT / "packaging" / "compile_catalogues.py")
    assert hook.players(tmp_path) == {}
    built = tmp_path / "packaging" / "players" / "built"
    built.mkdir(parents=True)
    assert hook.players(tmp_path) == {str(built): "edubox/_players"}


def test_without_npm_it_says_so_and_goes_no_further(monkeypatch, capsys):
    monkeypatch.setattr(build.shutil, "which", lambda _: None)
    assert build.main() == 1
    assert "npm is not installed" in capsys.readouterr().out
