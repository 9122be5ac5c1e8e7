"""A box that is made again out of its backup has the lessons that teachers were making."""

from __future__ import annotations

from edubox.box.own import backup
from edubox.box.teacher import drafts
from edubox.box.teacher.build import build
from tests.box.teacher.staffroom import ADA


def test_a_restored_box_has_the_drafts_with_what_is_for_teachers_only_and_can_put_them_together(room):
    ident = room.draft(words="À moitié fait", staff="Le corrigé")
    gone = room.draft(title="Jeté")
    drafts.throw_away(room.box, gone)
    build(room.box, ident)
    restored = room.folder / "restored"
    backup.restore(room.backup(), restored, room.code_on_paper)
    assert [one.id for one in drafts.every(restored, ADA)] == [ident]
    assert drafts.read(restored, ident) == drafts.read(room.box, ident)
    place = drafts.folder(restored, ident)
    assert sorted(path.name for path in place.iterdir()) == ["draft.json", "files", "staff"], (
        "the rest is made anew"
    )
    assert build(restored, ident)["staff"] == 2
    assert not (restored / "drafts" / gone).exists()
    assert (place / "files" / "lire.html").stat().st_mode & 0o077 == 0


def test_nothing_else_can_hide_among_the_drafts_of_a_backup(room):
    for name in (
        "drafts/x/draft.json",
        f"drafts/{'a' * 26}/built.edpack",
        f"drafts/{'a' * 26}/files/../../../x",
        "drafts/x",
    ):
        assert not backup._belongs(name)
