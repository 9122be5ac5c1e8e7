"""``make players``: fetch the players of lessons by name from npm, and keep what a browser needs of them.

``npm ci`` brings the four packages of ``package-lock.json``, by hash, into ``node_modules/``; the tables below say
which of their files go to ``built/``, with their licences, and what is changed in them. Each text gets its compressed
twin, so that a box sends it as it lies. Neither folder is in the repository; a wheel carries ``built/`` if it is there.
"""

from __future__ import annotations

import gzip
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

HERE = Path(__file__).parent
MODULES, BUILT = HERE / "node_modules", HERE / "built"
_H5P, _SCORM, _EPUB, _PDF = "h5p-standalone", "scorm-again", "foliate-js", "pdfjs-dist"
_FONTS = ("h5p-core-30", "h5p-hub-publish", "h5p-theme")
#: File in ``built/`` → package and file in it.
FILES = {
    "h5p/main.js": (_H5P, "dist/main.bundle.js"),
    "h5p/frame.js": (_H5P, "dist/frame.bundle.js"),
    "h5p/styles/h5p.css": (_H5P, "dist/styles/h5p.css"),
    **{f"h5p/fonts/{name}.woff2": (_H5P, f"dist/fonts/{name}.woff2") for name in _FONTS},
    "h5p/images/throbber.gif": (_H5P, "dist/images/throbber.gif"),
    "h5p/images/h5p.svg": (_H5P, "dist/images/h5p.svg"),
    "h5p/LICENSE": (_H5P, "LICENSE"),
    "scorm/scorm12.js": (_SCORM, "dist/scorm12.min.js"),
    "scorm/scorm2004.js": (_SCORM, "dist/scorm2004.min.js"),
    "scorm/LICENSE": (_SCORM, "LICENSE"),
    **{
        f"epub/{name}.js": (_EPUB, f"{name}.js")
        for name in ("view", "paginator", "fixed-layout", "epub", "epubcfi", "progress", "text-walker", "overlayer")
    },
    "epub/LICENSE": (_EPUB, "LICENSE"),
    "pdf/pdf.js": (_PDF, "legacy/build/pdf.min.js"),
    "pdf/pdf.worker.js": (_PDF, "legacy/build/pdf.worker.min.js"),
    "pdf/LICENSE": (_PDF, "LICENSE"),
}  # fmt: skip
#: Folders copied whole: the fonts that documents name without carrying them.
FOLDERS = {"pdf/fonts": (_PDF, "standard_fonts")}

_WEB_FONT = re.compile(r"@font-face\s*\{[^}]*/(?:inter|open-sans)/[^}]*\}\s*")
_MAP = re.compile(r"\s*//# sourceMappingURL=\S+\s*\Z")
#: A package that its author's own build resolves; browsers of the last five years need nothing of it.
_BARE_IMPORT = re.compile(r"^import 'construct-style-sheets-polyfill'\n", re.MULTILINE)
_COMPRESSED = {".js", ".css", ".svg", ".pfb", ".ttf"}


def _without_web_fonts(text: str) -> str:
    """Sixty kilobytes a weight on the class's one radio: the reader's own font will do."""
    return _WEB_FONT.sub("", text)


CHANGED: dict[str, Callable[[str], str]] = {
    "h5p/styles/h5p.css": _without_web_fonts,
    "epub/fixed-layout.js": lambda text: _BARE_IMPORT.sub("", text),
    "scorm/scorm12.js": lambda text: _MAP.sub("\n", text),
    "scorm/scorm2004.js": lambda text: _MAP.sub("\n", text),
    "pdf/pdf.js": lambda text: _MAP.sub("\n", text),
    "pdf/pdf.worker.js": lambda text: _MAP.sub("\n", text),
    "h5p/main.js": lambda text: _MAP.sub("\n", text),
    "h5p/frame.js": lambda text: _MAP.sub("\n", text),
}


def main() -> int:
    """Fetch, copy, compress, and say what it weighs; 0 when all is there."""
    npm = shutil.which("npm")
    if npm is None:
        print(
            "players: npm is not installed, so exercises (H5P, SCORM) and books (EPUB) do not open; everything else does"
        )
        return 1
    fetched = subprocess.run([npm, "ci", "--silent"], cwd=HERE, check=False)
    if fetched.returncode:
        print("players: npm could not fetch them; the line above says why. Nothing was changed")
        return 1
    building = BUILT.with_name("built.new")
    shutil.rmtree(building, ignore_errors=True)
    for name, (package, source) in FILES.items():
        _put(building / name, (MODULES / package / source).read_bytes(), CHANGED.get(name))
    # What was built from: ``make`` compares its age, and a technician reads the versions in it.
    _put(building / "package-lock.json", (HERE / "package-lock.json").read_bytes(), None)
    for folder, (package, source) in FOLDERS.items():
        for path in sorted((MODULES / package / source).iterdir()):
            _put(building / folder / path.name, path.read_bytes(), None)
    shutil.rmtree(BUILT, ignore_errors=True)
    building.rename(BUILT)
    for player in sorted(path for path in BUILT.iterdir() if path.is_dir()):
        print(f"players: {player.name:6} {_weight(player)}")
    return 0


def _put(target: Path, data: bytes, change: Callable[[str], str] | None) -> None:
    """Write one file, changed if it must be, and its twin if that is smaller."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if change is not None:
        data = change(data.decode()).encode()
    target.write_bytes(data)
    # The same input has the same twin everywhere: no name and no time in its header.
    packed = gzip.compress(data, 9, mtime=0)
    if target.suffix in _COMPRESSED and len(packed) < 0.95 * len(data):
        target.with_name(f"{target.name}.gz").write_bytes(packed)


def _weight(folder: Path) -> str:
    files = [path for path in folder.rglob("*") if path.is_file()]
    plain = sum(path.stat().st_size for path in files if path.suffix != ".gz")
    twins = sum(path.stat().st_size for path in files if path.suffix == ".gz")
    return f"{len(files):4} files, {plain // 1000} kB, twins {twins // 1000} kB"


if __name__ == "__main__":
    sys.exit(main())
