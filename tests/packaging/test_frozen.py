"""Frozen into one program, edubox starts its children as itself and what is the system's with the system's libraries."""

from __future__ import annotations

import os
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MAIN = ROOT / "packaging" / "pyinstaller" / "main.py"
PROGRAM = ROOT / "edubox" / "program.py"


@pytest.mark.parametrize("frozen", [False, True])
def test_a_child_is_started_by_the_program_itself_where_there_is_no_python(frozen, monkeypatch):
    monkeypatch.setattr(sys, "frozen", frozen, raising=False)
    found = runpy.run_path(str(PROGRAM))["EDUBOX"]
    assert found == ([sys.executable] if frozen else [sys.executable, "-m", "edubox"])


def test_no_other_file_starts_edubox_in_a_way_of_its_own():
    way = 'sys.executable, "-m", "edubox"'
    assert {path for path in (ROOT / "edubox").rglob("*.py") if way in path.read_text("utf-8")} == {PROGRAM}


@pytest.mark.parametrize("before", [None, "/opt/lib"])
def test_what_a_frozen_program_starts_of_the_system_finds_the_systems_libraries(before, tmp_path):
    (tmp_path / "edubox").mkdir()
    (tmp_path / "edubox/__init__.py").touch()
    (tmp_path / "edubox/cli.py").write_text(
        "import os\ndef main(): print(os.environ.get('LD_LIBRARY_PATH'))\n"
    )
    program = f"import runpy, sys\nsys.frozen = True\nsys.path.insert(0, {str(tmp_path)!r})\nrunpy.run_path({str(MAIN)!r})"
    variables = (
        os.environ | {"LD_LIBRARY_PATH": "/frozen"} | ({"LD_LIBRARY_PATH_ORIG": before} if before else {})
    )
    line = [sys.executable, "-S", "-c", program]
    told = subprocess.run(line, env=variables, capture_output=True, text=True, check=True).stdout
    assert told.strip() == str(before)
