"""What is kept of Debian for the next image, so that it needs no network: a small mirror of the packages that came once.

``debian/pool`` holds packages under their names in the archive, for all images; ``debian/<board>-<architecture>`` the signed lists
of the suites as they were, and a way to that pool: a folder that ``--mirror`` takes as it takes a copy of the whole archive. So
what was kept, or was carried here on a disk, is believed for Debian's signature and for nothing else. mmdebstrap leaves what it
fetched in a folder beside (``words``); it is moved to its place when all went well (``take``), and a cut leaves what was there.
"""

from __future__ import annotations

import shlex
import shutil
import urllib.parse
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

_ARCHIVES, _LISTS = "var/cache/apt/archives", "var/lib/apt/lists"


class Kept:
    """What the cache *cache* keeps for a board and an architecture of Debian."""

    def __init__(self, cache: Path, board: str, architecture: str) -> None:
        self._pool, self._arrived = cache / "debian" / "pool", cache / f"arrived-{board}-{architecture}"
        self.folder = cache / "debian" / f"{board}-{architecture}"
        self._architecture = architecture

    def words(self) -> list[str]:
        """Words for mmdebstrap, so that it leaves here what it fetches."""
        shutil.rmtree(self._arrived, ignore_errors=True)
        (self._arrived / "lists").mkdir(parents=True)
        place = shlex.quote(str(self._arrived))
        return [
            "--skip=essential/unlink",
            f'--customize-hook=find "$1/{_ARCHIVES}" -maxdepth 1 -name "*.deb" -exec cp -t {place} {{}} +',
            f'--customize-hook=find "$1/{_LISTS}" -maxdepth 1 -type f -exec cp -t {place}/lists {{}} +',
        ]

    def take(self, suites: Iterable[str], components: Iterable[str]) -> None:
        """Keep what arrived, of *suites* and their *components*. Raises OSError."""
        fresh, lists = self.folder.with_name(f".{self.folder.name}"), self._arrived / "lists"
        shutil.rmtree(fresh, ignore_errors=True)
        self._pool.mkdir(parents=True, exist_ok=True)
        names = {path.name: path for path in self._arrived.glob("*.deb")}
        for suite in suites:
            dists = fresh / "dists" / suite
            dists.mkdir(parents=True)
            for path in lists.glob(f"*_dists_{suite}_InRelease"):
                path.rename(dists / "InRelease")
            for component in components:
                for architecture in (self._architecture, "all"):
                    for path in lists.glob(f"*_dists_{suite}_{component}_binary-{architecture}_Packages"):
                        for name, place in _named(path):
                            if name in names:
                                self._keep(names.pop(name), place)
                        target = dists / component / f"binary-{architecture}" / "Packages"
                        target.parent.mkdir(parents=True)
                        path.rename(target)
        (fresh / "pool").symlink_to(Path("..") / self._pool.name)
        shutil.rmtree(self.folder, ignore_errors=True)
        fresh.rename(self.folder)
        shutil.rmtree(self._arrived, ignore_errors=True)

    def _keep(self, package: Path, place: PurePosixPath) -> None:
        target = self._pool.joinpath(*place.parts[1:])
        target.parent.mkdir(parents=True, exist_ok=True)
        package.rename(target)


def _named(packages: Path) -> Iterator[tuple[str, PurePosixPath]]:
    """For each package of the list *packages* the file that apt makes of it, and its place in the archive."""
    fields: dict[str, str] = {}
    with packages.open(encoding="utf-8", errors="replace") as lines:
        for line in lines:
            name, colon, value = line.partition(": ")
            if name in {"Package", "Version", "Architecture", "Filename"} and colon:
                fields[name] = value.strip()
            elif line == "\n" and len(fields) == 4:
                place = PurePosixPath(fields["Filename"])
                if place.parts[0] == "pool" and ".." not in place.parts:
                    version = urllib.parse.quote(fields["Version"], safe="+~-.").lower()
                    yield f"{fields['Package']}_{version}_{fields['Architecture']}.deb", place
                fields = {}
