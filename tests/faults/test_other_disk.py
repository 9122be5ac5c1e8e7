"""The folder that pupils read may be a disk of its own: no link reaches it, so files are copied."""

from __future__ import annotations

from tests.sync.country import film, text


def test_lessons_are_copied_to_a_site_on_another_disk(country, box, small_disk):
    (box.data / "site").symlink_to(small_disk(size="30m"))
    contents = {"index.html": text(1, 30_000), "film.mp4": film(1, 300_000)}
    country.publish("lune", contents, frozenset(["film.mp4"]))
    box.sync()
    assert box.read("lune") == contents
    assert (box.tree("lune") / "index.html").stat().st_nlink == 1
    contents = contents | {"b.html": text(2, 5000)}
    country.publish("lune", contents, frozenset(["film.mp4"]), base="lune")
    report = box.sync()
    assert [one["plan"] for one in report.packs] == ["delta"]
    assert box.read("lune") == contents
    box.pass_time(hours=13)
    box.sync()
    manifest = country.contents["lune"][0]
    kept = {path.name for path in (box.data / "mirror" / "objects").rglob("*") if path.is_file()}
    assert kept == {manifest.id, *(file.sha256 for file in manifest.files)}, (
        "links do not tell here what is used"
    )
