"""A country's description, changed from the command line."""

from __future__ import annotations

from edubox.content import content_folder
from edubox.pack import canonical
from edubox.trust.directory import Directory
from edubox.trust.fetch import FolderFetch
from tests.cli.country import edubox, edubox_json, make_country

WORDS = '\n[words.br]\nname = "Brezhoneg"\n[words.br.messages]\n"Begin" = "{}"\n'


def test_a_language_is_added_to_a_country_that_exists(tmp_path):
    country = make_country(tmp_path / "country")
    described = (content_folder() / "countries" / "france.toml").read_text("utf-8")
    better, worse = tmp_path / "better.toml", tmp_path / "worse.toml"
    better.write_text(described + WORDS.format("Kregiñ"), "utf-8")
    worse.write_text(described + WORDS.format("<b>"), "utf-8")
    for again in (False, True):
        said = edubox_json("country", "describe", country.folder, "--country-file", better)
        assert said == {"country": str(country.folder), "unchanged": again}
    refused = edubox("country", "describe", country.folder, "--country-file", worse, check=2).stderr
    assert "'Begin' of words.br needs a sentence or two" in refused
    published = canonical.read(Directory(FolderFetch(country.mirror)).country_file(), what="it")
    assert published["words"]["br"]["messages"] == {"Begin": "Kregiñ"}
    assert published["name"] == {"fr": "Testland", "en": "Testland"}
