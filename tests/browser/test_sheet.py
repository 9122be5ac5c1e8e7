"""The school sheet on paper: one page of A4, whatever the school is called, and its squares lead where they say."""

from __future__ import annotations

import subprocess

import pytest
from pypdf import PdfReader

from edubox.box.own.recovery import new_code
from edubox.pages.sheet import Sheet, alone
from tests.browser.chromium import _FLAGS, PATIENCE, program

pytestmark = pytest.mark.browser
NAME = "Regroupement pédagogique intercommunal Saint-Exupéry de Villefranche-sur-Saône et environs"


@pytest.mark.parametrize("school", ["École", NAME])
@pytest.mark.parametrize("code", [new_code(), None])
def test_it_is_one_page(tmp_path, school, code):
    desk = "https://edubox-123456.local:8443/bureau/"
    fingerprint = " ".join(["EA42", "8824", "B37A", "D206"] * 4)
    sheet = Sheet(
        school,
        "http://edubox-123456.local:8080/",
        desk,
        code,
        f"local/{'a' * 26}",
        1_796_000_000,
        fingerprint,
        "6MND-XGGC-FFJ9" if code else "",
    )
    page, paper = tmp_path / "sheet.html", tmp_path / "sheet.pdf"
    page.write_text(alone(sheet, ("fr", "en")), "utf-8")
    flags = [flag for flag in _FLAGS if "debugging" not in flag]
    subprocess.run(
        [program(), *flags, f"--user-data-dir={tmp_path / 'profile'}", "--no-pdf-header-footer",
         f"--print-to-pdf={paper}", page.as_uri()], check=True, timeout=PATIENCE, capture_output=True,
    )  # fmt: skip
    (printed,) = PdfReader(paper).pages
    said = " ".join(printed.extract_text().split())
    assert "Fiche de l’école" in said
    assert f"local/{'a' * 26}" in said
    assert fingerprint in said
    if code:
        assert all(group in said for group in code.split("-"))
