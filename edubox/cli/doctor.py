"""``edubox doctor``: is this box well, and if not, what to do; ``edubox support``: the same to be sent to a technician."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from edubox.box.health import LEVELS, Box, examine, mend
from edubox.box.report import as_zip, facts, files
from edubox.cli.output import NewFile, answer, json_option
from edubox.errors import NotFound
from edubox.settings import load_settings
from edubox.store.platform import write_atomic

SIGNS = {"good": ("✓", "green"), "note": ("·", "cyan"), "warning": ("!", "yellow"), "broken": ("✗", "red")}


@click.command(short_help="Is this box well, and if not, what to do.")
@click.option("--data", required=True, type=click.Path(path_type=Path), help="The box's data folder.")
@click.option("--fix", is_flag=True, help="Do what can be done without risk, then look again.")
@click.option(
    "--report",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="Write what was found to two files in this folder, such as a stick.",
)
@json_option
def doctor(data: Path, fix: bool, report: Path | None, as_json: bool) -> None:
    """Look at a box's health: what is well, what is not and what to do.

    Ends with 0 when nothing is broken, else with 1.
    """
    box = _box(data)
    answers = examine(box)
    mended = mend(box, answers) if fix else []
    if mended:
        answers = examine(box)
    worst = answers[0].finding.level
    found = {
        "state": worst,
        "checks": [
            {"name": one.name, "level": one.finding.level, "says": one.finding.sentence} for one in answers
        ],
        "mended": [{"name": one.name, "says": one.sentence} for one in mended],
    }
    written = [] if report is None else _write(report, files(facts(box, answers, datetime.now(UTC))))
    if report is not None:
        found["report"] = written
    lines = [f"{one.title}: {one.sentence}" for one in mended]
    lines += ["Nothing was mended."] if fix and not mended else []
    lines += ["All is well." if LEVELS.index(worst) < 2 else "Something needs you:"]
    for one in answers:
        sign, colour = SIGNS[one.finding.level]
        lines.append(f"  {click.style(sign, fg=colour)} {one.title}: {one.finding.sentence}")
    lines += [f"Written: {path}" for path in written]
    answer(as_json, found, "\n".join(lines))
    if worst == "broken":
        raise click.exceptions.Exit(1)


@click.command(short_help="How this box is, in one file for a technician.")
@click.option("--data", required=True, type=click.Path(path_type=Path), help="The box's data folder.")
@click.option("-o", "--output", required=True, type=NewFile(), help="The zip to write.")
@json_option
def support(data: Path, output: Path, as_json: bool) -> None:
    """Write how a box is to one zip: versions, checks, settings; no name, address, title, code or key."""
    box = _box(data)
    made = as_zip(facts(box, examine(box), datetime.now(UTC)))
    write_atomic(output, made)
    answer(
        as_json,
        {"file": str(output), "bytes": len(made)},
        f"{output} can be sent: nothing of a person is in it.",
    )


def _box(data: Path) -> Box:
    if not data.is_dir():
        raise NotFound(what=f"The data folder {data}")
    return Box(data, load_settings(data / "box.toml"))


def _write(folder: Path, made: dict[str, bytes]) -> list[str]:
    for name, content in made.items():
        write_atomic(folder / name, content)
    return [str(folder / name) for name in made]
