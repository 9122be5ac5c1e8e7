"""A box whose country brings a language: its pages, from the signed file to a reader, and when it changes."""

from __future__ import annotations

from edubox.box.app import create_app
from edubox.pack import canonical
from tests.box.school import COUNTRY, School, page, settings

BRETON = {
    "name": "Brezhoneg",
    "messages": {"What shall we learn?": "Petra a zeskomp?", "%(num)d lessons": "%(num)d kentel"},
}


def reads(client, path):
    answer = client.get(path, headers={"Host": "box.local:8080"})
    return answer.status_code, answer.get_data(as_text=True)


def test_a_language_comes_with_the_country_file_changes_with_it_and_goes_with_it(tmp_path):
    school = School(tmp_path / "box", COUNTRY | {"words": {"br": BRETON}})
    school.add("loar", {"i.html": page("Al loar")}, title="Al loar", language="br", about=["svt"])
    client = create_app(school.data, settings(languages=["fr", "br", "wo"])).test_client()
    status, text = reads(client, "/br/")
    assert (status, "Petra a zeskomp?" in text, "Matières" in text) == (200, True, True)
    assert 'hreflang="br" lang="br" dir="ltr">Brezhoneg</a>' in reads(client, "/fr/")[1]
    assert 'hreflang="wo"' not in text, "a language without words is not offered"

    better = BRETON | {"messages": {"What shall we learn?": "Petra zo da zeskiñ?"}}
    school.catalogue.set_country(canonical.write(COUNTRY | {"words": {"br": better}}))
    assert "Petra zo da zeskiñ?" in reads(client, "/br/")[1]

    school.catalogue.set_country(canonical.write(COUNTRY))
    assert 'hreflang="br"' not in reads(client, "/fr/")[1]
    assert reads(client, "/br/")[0] == 200, "whoever kept the address is not lost"


def test_pages_that_need_no_lessons_speak_it_too(tmp_path):
    words = BRETON | {"messages": {"This page is not here": "N’emañ ket ar bajenn-mañ amañ"}}
    school = School(tmp_path / "box", COUNTRY | {"words": {"br": words}})
    client = create_app(school.data, settings(languages=["br"])).test_client()
    status, text = reads(client, "/br/netra/")
    assert (status, "N’emañ ket ar bajenn-mañ amañ" in text) == (404, True)
