"""What an update costs on the wire, against the tools that people would otherwise use, in one run.

``python -m tests.bench updates``: for each corpus, bytes to go from the old version to the new one with our
delta bundle (which carries the new manifest), xdelta3 -9 on tars, rsync -zz (both directions), zstd -19 for each
changed file, and zchunk's own count. The ratios are what the budgets speak of.
"""

from __future__ import annotations

import hashlib
import io
import re
import subprocess
import tarfile
import tempfile
from pathlib import Path

from edubox.pack.bundle import write_bundle
from edubox.pack.manifest import PIECE, PIECES_ABOVE, File, Item, Manifest
from tests.bench import corpora


def run() -> dict:
    """Figures for each corpus; one that cannot be fetched says why."""
    figures = {}
    for name, fetch in (("postgresql", corpora.postgresql), ("npm", corpora.npm)):
        try:
            figures[name] = compare(*fetch())
        except corpora.Unavailable as error:
            figures[name] = {"left out": str(error)}
    return figures


def compare(old: Path, new: Path) -> dict:
    """Bytes of each way from *old* to *new*."""
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        tars = [tar(old, work / "old.tar"), tar(new, work / "new.tar")]
        ours, full = bundles(old, new)
        xdelta = tool(
            "xdelta3", "-9", "-S", "djw", "-B", "100000000", "-e", "-s", *tars, work / "x"
        ) and size(work / "x")
        plain = tool("xdelta3", "-9", "-B", "100000000", "-e", "-s", *tars, work / "y") and size(work / "y")
        others = {
            "xdelta3": min(filter(None, (xdelta, plain)), default=None),
            "rsync_zz": rsync(old, new, work),
            "zstd_per_file": zstd(old, new, work),
            "zchunk": zchunk(*tars, work),
        }
    ratios = {key: round(ours / value, 3) for key, value in others.items() if value}
    return {"edubox": ours, "edubox_full": full, **others, "edubox_as_share_of": ratios}


def bundles(old: Path, new: Path) -> tuple[int, int]:
    """Bytes of our delta and of our full bundle."""
    before, after = manifest(old), manifest(new)
    delta = write_bundle(Null(), after, opener(new), before, opener(old))
    return delta.size, write_bundle(Null(), after, opener(new)).size


class Null(io.RawIOBase):
    """Somewhere to write that costs nothing."""

    def write(self, data):
        return len(data)


def manifest(folder: Path) -> Manifest:
    files = []
    for path in sorted(folder.rglob("*"), key=lambda path: path.relative_to(folder).as_posix()):
        if path.is_file() and not path.is_symlink():
            data = path.read_bytes()
            pieces = tuple(
                hashlib.sha256(data[at : at + PIECE]).hexdigest() for at in range(0, len(data), PIECE)
            ) if len(data) > PIECES_ABOVE else ()  # fmt: skip
            name = path.relative_to(folder).as_posix()
            files.append(File(name, hashlib.sha256(data).hexdigest(), len(data), "text/html", pieces=pieces))
    return Manifest("Manual", "en", (Item("Manual", "html", files[0].path),), tuple(files))


def opener(folder: Path):
    return lambda file: (folder / file.path).open("rb")


def tar(folder: Path, target: Path) -> Path:
    """A tar with nothing in it that differs between two runs."""
    with tarfile.open(target, "w") as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file() and not path.is_symlink():
                entry = tarfile.TarInfo(path.relative_to(folder).as_posix())
                entry.size = path.stat().st_size
                with path.open("rb") as handle:
                    archive.addfile(entry, handle)
    return target


def tool(*command) -> str | None:
    """The output of a program, or None where it is not installed."""
    try:
        return (
            subprocess.run(list(map(str, command)), check=True, capture_output=True, text=True).stdout or " "
        )
    except FileNotFoundError:
        return None


def size(path: Path) -> int:
    return path.stat().st_size


def rsync(old: Path, new: Path, work: Path) -> int | None:
    """What rsync says it sent and received, over a pipe as over ssh."""
    said = tool("cp", "-rL", old, work / "there") and tool(
        "rsync", "-rtLzz", "--checksum", "--no-whole-file", "--delete", "--stats", f"{new}/", f"{work}/there/"
    )
    if said is None:
        return None
    return sum(
        int(found.replace(",", "")) for found in re.findall(r"Total bytes (?:sent|received): ([\d,]+)", said)
    )


def zstd(old: Path, new: Path, work: Path) -> int | None:
    """Each file that changed, compressed alone."""
    total = 0
    for path in new.rglob("*"):
        before = old / path.relative_to(new)
        if (
            path.is_file()
            and not path.is_symlink()
            and not (before.is_file() and before.read_bytes() == path.read_bytes())
        ):
            if tool("zstd", "-19", "-q", "-f", path, "-o", work / "z") is None:
                return None
            total += size(work / "z")
    return total


def zchunk(old: Path, new: Path, work: Path) -> int | None:
    """zchunk's own count of what a client with the old file fetches."""
    for path in (old, new):
        if tool("zck", "-o", f"{path}.zck", path) is None:
            return None
    said = tool("zck_delta_size", f"{old}.zck", f"{new}.zck") or ""
    found = re.search(r"Would download (\d+) of \d+ bytes", said)
    return int(found[1]) if found else None


def broken(figures: dict) -> list[str]:
    """The budgets that are not kept: ≤ rsync -zz; ≤ 1.1 × xdelta3 where that is ≥ 100 kB, else ≤ 1.5 × + 4 kB."""
    found = []
    for name, one in figures.items():
        ours, xdelta, rsync_zz = one.get("edubox"), one.get("xdelta3"), one.get("rsync_zz")
        if rsync_zz and ours > rsync_zz:
            found.append(f"{name}: more than rsync -zz")
        if xdelta and ours > (1.1 * xdelta if xdelta >= 100_000 else 1.5 * xdelta + 4000):
            found.append(f"{name}: more than the share of xdelta3 -9")
    return found
