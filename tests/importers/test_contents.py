from __future__ import annotations

from edubox.importers.contents import contents, natural
from edubox.importers.workshop import Imported, spoken
from edubox.pack.manifest import MAX_TOC_DEPTH
from tests.importers.building import Lesson, html


def test_a_front_page_says_the_order(tmp_path):
    lesson = Lesson(tmp_path, {
        "index.html": html("Accueil", '<a href="z.html">1</a><a href="sub/m.html">2</a><a href="a.html#x">3</a><a href="z.html">1</a>'),
        "a.html": html("A"), "z.html": html("Z"), "sub/m.html": html("M"), "sub/n.html": html("N"), "seul.html": html("Seul"),
    })  # fmt: skip
    assert lesson.toc == [
        ("Accueil", "html", "index.html"), ("Z", "html", "z.html"), ("Sub", [("M", "html", "sub/m.html"), ("N", "html", "sub/n.html")]),
        ("A", "html", "a.html"), ("Seul", "html", "seul.html"),
    ]  # fmt: skip


def test_pages_that_a_front_page_reaches_only_through_others_belong_to_its_site(tmp_path):
    lesson = Lesson(tmp_path, {
        "index.html": html("Manuel", '<a href="1.html">1</a>'), "1.html": html("Un", '<a href="1-1.html">a</a>'),
        "1-1.html": html("Un un", '<a href="index.html">a</a>'),
    })  # fmt: skip
    assert lesson.toc == [("Manuel", "html", "index.html"), ("Un", "html", "1.html")]
    assert lesson.manifest.file("1-1.html")


def test_without_a_front_page_folders_are_chapters_in_natural_order(tmp_path):
    lesson = Lesson(tmp_path, {
        "10_fin.html": html("Fin"), "2_milieu/10.html": html("B"), "2_milieu/9.html": html("A"), "1_début/seul.html": html("Seul"),
        "LISEZMOI.md": "# Avant de commencer",
    })  # fmt: skip
    assert [one[0] for one in lesson.toc] == ["Avant de commencer", "Seul", "Milieu", "Fin"]
    assert [one[0] for one in lesson.toc[2][1]] == ["A", "B"]


def test_a_folder_with_its_own_front_page_takes_its_title(tmp_path):
    lesson = Lesson(tmp_path, {
        "a/index.html": html("Volcans", '<a href="b.html">b</a><a href="../b/">x</a>'), "a/b.html": html("Lave"), "b/index.html": html("Mers"),
        "b/c.html": html("Sel"),
    })  # fmt: skip
    assert lesson.toc == [
        ("Volcans", [("Volcans", "html", "a/index.html"), ("Lave", "html", "a/b.html")]),
        ("Mers", [("Mers", "html", "b/index.html"), ("Sel", "html", "b/c.html")]),
    ]


def test_the_one_folder_with_everything_is_no_chapter(tmp_path):
    lesson = Lesson(tmp_path, {"cours/a.html": html("A"), "cours/b.html": html("B"), "cours/img/x.png": b"x"})
    assert [one[0] for one in lesson.toc] == ["A", "B"]


def test_what_pages_use_and_what_lies_in_folders_of_material_is_no_part(tmp_path):
    lesson = Lesson(tmp_path, {
        "a.html": html("A", '<img src="x.png"><video src="v.mp4"></video><a href="feuille.ods">à remplir</a><script src=s.js></script>'),
        "x.png": b"", "v.mp4": b"", "feuille.ods": b"", "s.js": b"", "other.js": b"", "images/y.png": b"", "data/t.csv": b"",
        "data/notes.pdf": b"", "photo.jpg": b"", "extra.csv": b"",
    })  # fmt: skip
    assert lesson.toc == [
        ("A", "html", "a.html"),
        ("Photo", "image", "photo.jpg"),
        ("extra.csv", "file", "extra.csv"),
    ]


def test_a_page_inside_another_page_is_no_part_of_its_own(tmp_path):
    lesson = Lesson(tmp_path, {
        "a.html": html("A", '<iframe src="jeu.html"></iframe><object data="plan.pdf"></object>'), "jeu.html": html("Jeu"), "plan.pdf": b"%PDF",
    })  # fmt: skip
    assert lesson.toc == [("A", "html", "a.html")]


def test_pages_that_hold_each_other_can_still_be_opened(tmp_path):
    pages = {
        "a.html": html("A", "<iframe src=b.html></iframe>"),
        "b.html": html("B", "<iframe src=a.html></iframe>"),
    }
    assert len(Lesson(tmp_path, pages).toc) == 2


def test_a_folder_of_pictures_only_shows_them(tmp_path):
    lesson = Lesson(tmp_path, {"images/10.png": b"", "images/9.png": b""})
    assert lesson.toc == [("9", "image", "images/9.png"), ("10", "image", "images/10.png")]


def test_parts_with_one_title_are_told_apart_by_their_files(tmp_path):
    lesson = Lesson(
        tmp_path, {"a.md": "# Boucles", "a_eleves.md": "# Boucles", "b/index.html": html("Boucles")}
    )
    assert [one[0] for one in lesson.toc] == ["Boucles (A)", "Boucles (A eleves)", "Boucles (B)"]


def test_a_folder_deeper_than_a_manifest_allows_is_flattened(tmp_path):
    deep = "/".join(f"d{level}" for level in range(12))
    files = {f"{deep}/a.html": html("A"), f"{deep}/b.html": html("B")} | {
        f"d0/{'x/' * level}p.html": html(f"P{level}") for level in range(12)
    }
    lesson = Lesson(tmp_path, files)

    def depth(items):
        return 1 + max((depth(item.items) for item in items if item.items), default=0)

    assert depth(lesson.manifest.toc) <= MAX_TOC_DEPTH
    assert len(lesson.manifest.items()) == 14


def test_a_thousand_pages_are_sorted_in_a_moment():
    parts = {f"c{n % 7}/p{n}.html": Imported("html", f"c{n % 7}/p{n}.html", "Page") for n in range(3000)}
    assert sum(len(item.items) for item in contents(parts)) == 3000


def test_titles_made_of_names():
    assert [spoken(name) for name in (
        "01_Boucle_for.ipynb", "a/b/été.html", "1.2-intro.md", "2024-bilan.pdf", "12.html", "...", "_", "IMG_0012.jpg", "x" * 300, "Cours 1.2",
    )] == ["Boucle for", "Été", "1.2 intro", "2024 bilan", "12", "...", "_", "IMG 0012", "X" + "x" * 199, "Cours 1.2"]  # fmt: skip


def test_natural_order():
    names = ["10", "9", "b", "É", "e1", "e10", "e2", "a"]
    assert sorted(names, key=natural) == ["9", "10", "a", "b", "É", "e1", "e2", "e10"]
