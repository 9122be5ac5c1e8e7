"""What was fetched once makes the next image without a network."""

from __future__ import annotations

import subprocess

from edubox.hardware.image.kept import Kept

PACKAGES = """Package: libfoo
Version: 1:2.0+deb13u1
Architecture: amd64
Filename: pool/main/f/foo/libfoo_2.0+deb13u1_amd64.deb

Package: evil
Version: 1
Architecture: amd64
Filename: pool/../../evil.deb

Package: absent
Version: 1
Architecture: all
Filename: pool/main/a/absent/absent_1_all.deb

"""


def arrive(kept, folder, date):
    """As mmdebstrap leaves it: a root whose apt has fetched, and the words run in it."""
    root = folder / date
    archives, lists = root / "var/cache/apt/archives", root / "var/lib/apt/lists"
    for one in (archives / "partial", lists / "partial"):
        one.mkdir(parents=True)
    (archives / "libfoo_1%3a2.0+deb13u1_amd64.deb").write_bytes(b"deb")
    (archives / "evil_1_amd64.deb").write_bytes(b"deb")
    (lists / "m.example_debian_dists_trixie_InRelease").write_text(date)
    (lists / "m.example_debian_dists_trixie_main_binary-amd64_Packages").write_text(PACKAGES)
    for word in kept.words():
        if word.startswith("--customize-hook="):
            subprocess.run(["sh", "-c", word.removeprefix("--customize-hook="), "sh", root], check=True)


def test_what_came_is_a_mirror_of_its_own_with_debians_signature(tmp_path):
    kept = Kept(tmp_path / "a cache", "pc-amd64", "amd64")
    for date in ("monday", "friday"):
        arrive(kept, tmp_path, date)
        kept.take(["trixie"], ["main", "contrib"])
        assert (kept.folder / "dists/trixie/InRelease").read_text() == date
        assert (kept.folder / "dists/trixie/main/binary-amd64/Packages").read_text() == PACKAGES
        assert (kept.folder / "pool/main/f/foo/libfoo_2.0+deb13u1_amd64.deb").read_bytes() == b"deb"
    there = {path.name for path in (tmp_path / "a cache").rglob("*.deb")}
    assert there == {"libfoo_2.0+deb13u1_amd64.deb"}, "no name of a package leads out of the pool"


def test_a_cut_leaves_what_was_kept(tmp_path):
    kept = Kept(tmp_path / "cache", "pc-amd64", "amd64")
    arrive(kept, tmp_path, "monday")
    kept.take(["trixie"], ["main"])
    arrive(kept, tmp_path, "friday")
    again = Kept(tmp_path / "cache", "pc-amd64", "amd64")
    again.words()
    assert (again.folder / "dists/trixie/InRelease").read_text() == "monday"
