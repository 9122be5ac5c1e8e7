"""What is read out of a lesson for the search."""

from __future__ import annotations

from types import SimpleNamespace

from hypothesis import given
from hypothesis import strategies as st

from edubox.pack.manifest import Item
from edubox.pages.passages import CHARACTERS, WORDS, cut, page_text, passages, texts
from tests.box.school import manifest_of, page


def found(tmp_path, files, **described):
    for path, data in files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(data)
    return read(manifest_of(files, **described), tmp_path)


def read(manifest, tree):
    """Every passage, with where it stands."""
    return [
        SimpleNamespace(part=text.part, file=text.file, title=passage.title, body=passage.body)
        for text in texts(manifest)
        for passage in passages(text, manifest, tree)
    ]


def test_a_page_says_what_a_reader_sees():
    title, text = page_text(
        "<!doctype html><head><title>Les <b>volcans</b></title><style>p{}</style></head><body><script>let secret</script>"
        "<h1>La&nbsp;lave</h1><p>Elle <b>cou</b>le<br>vite.\nTrès vite.<noscript>rien</noscript><template>rien</template></p>&lt;x&gt;"
    )
    assert "volcans" in title
    assert text.split("\n") == ["La lave", "Elle coule", "vite. Très vite.", "<x>"]


def test_links_to_other_pages_are_not_what_a_page_says():
    assert page_text("<nav><a href=b.html>Les fleuves</a></nav><p>La lave.</p>")[1] == "La lave."


def test_what_an_author_keeps_back_is_not_in_answers_of_the_search():
    page = "<p>Deux et deux ?<button data-nosnippet>Vérifier</button></p><details data-nosnippet><ol><li>Quatre</ol></details><p>Fin"
    assert page_text(page)[1] == "Deux et deux ?\nFin"


def test_a_head_that_is_never_closed_hides_nothing():
    assert page_text("<head><title>T</title><p>Texte")[1] == "Texte"


@given(st.text())
def test_no_text_stops_the_reading(text):
    page_text(text)
    pieces = list(cut(text))
    assert all(piece.strip() for piece in pieces)
    assert "".join("".join(pieces).split()) == "".join(text.split())


def test_passages_are_about_six_hundred_words_and_never_endless():
    pieces = list(cut("\n".join("mot " * 50 for _ in range(100))))
    assert all(len(piece.split()) <= WORDS for piece in pieces)
    assert len(pieces) == 9
    assert all(len(piece) <= CHARACTERS + 1 for piece in cut("字" * 20_000))


def test_a_page_inside_a_part_belongs_to_the_part_beside_which_it_lies(tmp_path):
    files = {
        "a/index.html": page("A"),
        "b/index.html": page("B"),
        "b/more/deep.html": page("Profond"),
        "top.html": page("Haut"),
    }
    toc = (Item("Partie A", "html", "a/index.html"), Item("Partie B", "html", "b/index.html"))
    places = {(one.part, one.file, one.title.partition(" – ")[0]) for one in found(tmp_path, files, toc=toc)}
    assert places == {
        (0, "", "La leçon"),
        (1, "", "Partie A"),
        (2, "", "Partie B"),
        (2, "b/more/deep.html", "Profond"),
        (1, "top.html", "Haut"),
    }


def test_a_document_is_found_by_the_text_that_travels_with_it(tmp_path):
    files = {"fiche.pdf": b"%PDF", "fiche.pdf.txt": b"La tectonique des plaques"}
    toc = (Item("La fiche", "pdf", "fiche.pdf", text="fiche.pdf.txt"),)
    assert (1, "La tectonique des plaques") in {
        (one.part, one.body) for one in found(tmp_path, files, toc=toc)
    }


def test_description_and_keywords_stand_for_the_whole_lesson(tmp_path):
    (first, *_) = found(
        tmp_path, {"i.html": page("x")}, description="De la lave.", keywords=["magma", "cratère"]
    )
    assert (first.part, first.body) == (0, "De la lave.\nmagma · cratère")


def test_a_file_that_has_not_come_yet_is_no_error(tmp_path):
    files = {"i.html": page("x"), "late.html": page("y")}
    manifest = manifest_of(files)
    (tmp_path / "i.html").write_bytes(files["i.html"])
    assert {one.part for one in read(manifest, tmp_path)} == {0, 1}


def test_an_old_page_is_read_in_the_letters_it_was_written_in(tmp_path):
    old = '<meta charset="iso-8859-1"><p>élève</p>'.encode("latin-1")
    assert found(tmp_path, {"i.html": old})[1].body == "élève"
