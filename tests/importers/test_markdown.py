from __future__ import annotations

from edubox.importers import markdown
from tests.importers.building import Lesson

COURSE = """---
title: "Le cours"
---
# Un titre

Voir [la suite](02.md#fin), [le fichier](code/prog.py) et [le web](https://example.org/).

| a | b |
|---|--:|
| 1 | 2 |

![dessin](img/d%20e.png) ![absent](img/absent.png) ![dehors](https://example.org/x.png)

<center><img src="img/d e.png" width=300 onerror="alert(1)"></center>
<script>alert(1)</script>

```python
print("<é>")
```
"""
FILES = {
    "01.md": COURSE,
    "02.md": "# Suite\n\n## Suite\n\n### Fin",
    "code/prog.py": b"x",
    "img/d e.png": b"x",
}


def test_a_markdown_file_becomes_a_page_and_stays_downloadable(tmp_path):
    lesson = Lesson(tmp_path, FILES)
    item = lesson.item("Le cours")
    assert (item.type, item.entry, item.alternatives) == ("markdown", "01.md.html", ("01.md",))
    assert item.links == ("https://example.org/x.png", "https://example.org/")
    assert lesson.read("01.md") == COURSE
    assert [one[0] for one in lesson.toc] == ["Le cours", "Suite"]
    page = lesson.read("01.md.html")
    assert page.startswith('<!doctype html>\n<html lang="fr" dir="ltr">')
    assert "<title>Le cours</title>" in page
    assert '<td align="right">2</td>' in page or "<td" in page
    assert '<code class="language-python">print("&lt;é&gt;")' in page.replace("&quot;", '"')
    assert lesson.manifest.file("01.md.html").type == "text/html"


def test_its_links_lead_to_the_pages_made_of_others(tmp_path):
    page = Lesson(tmp_path, FILES).read("01.md.html")
    assert 'href="02.md.html#fin"' in page
    assert 'href="code/prog.py"' in page
    assert page.count('src="img/d%20e.png"') == 2


def test_nothing_in_the_page_runs_or_loads_from_elsewhere(tmp_path):
    lesson = Lesson(tmp_path, FILES)
    page = lesson.read("01.md.html")
    assert "<script" not in page
    assert "onerror" not in page
    assert "front" not in page
    assert 'src="http' not in page
    assert "absent.png" not in page, "a picture that is not there is its words, not a fault in the console"
    assert lesson.said("01.md wants img/absent.png")
    assert lesson.said("01.md wants https://example.org/x.png from another site")


def test_headings_have_the_anchors_that_authors_expect():
    assert 'id="suite-et-fin"' in markdown.render("# Suite et fin!")
    twice = markdown.render("# A\n# A")
    assert 'id="a"' in twice
    assert 'id="a-1"' in twice


def test_formulas_keep_their_backslashes_and_prices_are_no_formulas():
    shown = markdown.render(r"Si $a_1 \times \{b\}_1 < c$ et $$\frac{a}{b}\\$$ alors 5 $ ou 6 $ et \$x\$.")
    assert r'alttext="a_1 \times \{b\}_1 &lt; c"' in shown
    assert r'<math display="block" alttext="\frac{a}{b}\\">' in shown
    assert "5 $ ou 6 $ et $x$." in shown


def test_a_file_without_a_title_is_called_by_its_name_and_old_encodings_are_read(tmp_path):
    lesson = Lesson(tmp_path, {"mon_cours.md": "été\r\n".encode("cp1252")})
    assert lesson.toc == [("Mon cours", "markdown", "mon_cours.md.html")]
    assert "été" in lesson.read("mon_cours.md.html")


def test_a_page_of_the_same_name_keeps_it(tmp_path):
    lesson = Lesson(tmp_path, {"a.md": "# Du texte", "a.md.html": "<title>Une page</title>"})
    assert lesson.read("a.md.html") == "<title>Une page</title>"
    assert lesson.item("Du texte").entry == "a.md-2.html"


def test_a_huge_text_is_a_download(tmp_path, monkeypatch):
    monkeypatch.setattr(markdown, "LARGEST", 100)
    assert Lesson(tmp_path, {"a.md": "x" * 101}).toc == [("a.md", "file", "a.md")]
