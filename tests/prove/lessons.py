"""What goes over the line: two versions of a manual and a film, published by the commands that an operator types.

The manual is real (``tests.bench.corpora``); the film is random bytes, which is what a film is to a line. Each lesson has a
hub of its own, so that the version of today and that of tomorrow can be asked for at any time.
"""

from __future__ import annotations

import json
import random
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from edubox.sync.pacing.usage import read_usage
from tests.bench import corpora
from tests.cli.country import Country, build, edubox, make_country, write_lesson
from tests.prove.line import Line, run

#: Lesson → port of its hub.
HUBS = {"full": 8091, "update": 8092, "film": 8093}
#: Bytes of the film: 66 seconds of the line.
FILM = 2_000_000
#: Seconds after which a way is given up, and those for a film that may never arrive whole.
LONG, NEVER = 900, 180


@dataclass(frozen=True)
class Task:
    """One lesson to bring: *tree* is how it must be in the end, *before* what the school has of it or None.

    *hub* is the port of the hub that publishes it, *carrier* the path there of the one file that carries it, of so many
    *necessary* bytes; *box* a box that has *before* and pins the country. After *seconds* a way is given up.
    """

    name: str
    tree: Path
    before: Path | None
    hub: int
    carrier: Path
    necessary: int
    box: Path
    seconds: float


def publish(folder: Path) -> dict[str, Country]:
    """The manual's first version alone, both versions, and the film."""
    for name, tree in zip(("old", "new"), corpora.postgresql(), strict=True):
        build(tree, folder / f"{name}.edpack")
    update = make_country(folder / "update")
    update.publish(folder / "old.edpack", "manual")
    full = Country(shutil.copytree(update.folder, folder / "full"))
    update.publish(folder / "new.edpack", "manual")
    source = write_lesson(folder / "with-film", index="<p>La lune</p>")
    (source / "film.mp4").write_bytes(random.Random(1).randbytes(FILM))
    build(source, folder / "film.edpack")
    film = make_country(folder / "film")
    film.publish(folder / "film.edpack", "film")
    return {"full": full, "update": update, "film": film}


def trees(folder: Path) -> dict[str, tuple[Path, Path | None]]:
    """Lesson → how it is and how it was before, for what was published in *folder*."""
    old, new = corpora.postgresql()
    return {"full": (old, None), "update": (new, old), "film": (folder / "with-film", None)}


def tasks(line: Line, countries: dict[str, Country], folder: Path) -> list[Task]:
    """The lessons, for new boxes in *folder*; prints what each costs when nothing cuts it."""
    made: list[Task] = []
    known: set[Path] = set()
    for name, (tree, before) in trees(folder.parent).items():
        country = countries[name]
        box, near = (folder / f"{'film' if name == 'film' else 'manual'}{end}" for end in ("", "-near"))
        for data in (box, near):
            if not before:
                edubox(
                    "box", "init", "--data", data, "--country", country.root, "--follow", country.publisher
                )
        carrier = _carrier(country.mirror, known, film=name == "film")
        necessary = (country.mirror / carrier).stat().st_size
        # At the hub's end, straight from the hub: nothing is slow there, and nothing cuts.
        sync = ("-m", "edubox", "sync", "--data", near, "--from", f"http://127.0.0.1:{HUBS[name]}/", "--json")
        report = json.loads(run(*line.inside("hub", sys.executable, *sync)).stdout)
        print(
            f"{name}: {necessary:,} bytes carry it; with signatures {report['bytes']:,} in {report['requests']} requests"
        )
        made.append(Task(
            name, tree, before, HUBS[name], carrier, necessary, box, NEVER if name == "film" else LONG,
        ))  # fmt: skip
    return made


def _carrier(mirror: Path, known: set[Path], *, film: bool) -> Path:
    """The film itself, the first bundle, or the one of the two new bundles that begins at the version before."""
    found = {
        path.relative_to(mirror) for part in ("bundles", "objects") for path in (mirror / part).glob("*/*")
    }
    new = sorted(found - known, key=lambda path: (mirror / path).stat().st_size)
    known |= found
    return new[-1] if film else new[0]


def bodies(data: Path) -> int:
    """Bytes of answers' bodies that the box in *data* counted since it was made."""
    return sum(sum(day.values()) for day in read_usage(data).days.values())
