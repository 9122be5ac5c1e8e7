"""``edubox doctor``: is this box well, and if not, what to do."""

from __future__ import annotations

from pathlib import Path

import click

from edubox.box.health import LEVELS, Box, examine, mend
from edubox.cli.output import answer, json_option
from edubox.errors import NotFound
from edubox.settings import load_settings

SIGNS = {"good": ("✓", "green"), "note": ("·", "cyan"), "warning": ("!", "yellow"), "broken": ("✗", "red")}


@click.command(short_help="Is this box well, and if not, what to do.")
@click.option("--data", required=True, type=click.Path(path_type=Path), help="The box's data folder.")
@click.option("--fix", is_flag=True, help="Do what can be done without risk, then look again.")
@json_option
def doctor(data: Path, fix: bool, as_json: bool) -> None:
    """Look at a box's health: what is well, what is not and what to do.

    Ends with 0 when nothing is broken, else with 1.
    """
    if not data.is_dir():
        raise NotFound(what=f"The data folder {data}")
    box = Box(data, load_settings(data / "box.toml"))
    answers = examine(box)
    mended = mend(box, answers) if fix else []
    if mended:
        answers = examine(box)
    worst = answers[0].finding.level
    facts = {
        "state": worst,
        "checks": [
            {"name": one.name, "level": one.finding.level, "says": one.finding.sentence} for one in answers
        ],
        "mended": [{"name": one.name, "says": one.sentence} for one in mended],
    }
    lines = [f"{one.title}: {one.sentence}" for one in mended]
    lines += ["Nothing was mended."] if fix and not mended else []
    lines += ["All is well." if LEVELS.index(worst) < 2 else "Something needs you:"]
    for one in answers:
        sign, colour = SIGNS[one.finding.level]
        lines.append(f"  {click.style(sign, fg=colour)} {one.title}: {one.finding.sentence}")
    answer(as_json, facts, "\n".join(lines))
    if worst == "broken":
        raise click.exceptions.Exit(1)
