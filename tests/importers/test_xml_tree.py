"""XML that would grow while it is read."""

from __future__ import annotations

import pytest

from edubox.importers.xml_tree import BadXml, read_xml


@pytest.mark.parametrize("declared", [
    '<!ENTITY y "yyyy">', '<!ENTITY y SYSTEM "file:///etc/passwd">', '<!ENTITY % y "x">', '<!ATTLIST b x CDATA "yyyy">',
])  # fmt: skip
def test_a_document_that_declares_what_makes_it_larger_is_refused(declared):
    with pytest.raises(BadXml, match="not safe"):
        read_xml(f"<!DOCTYPE a [{declared}]><a><b/></a>".encode())


def test_a_long_namespace_is_not_repeated_for_each_element():
    root = read_xml(
        b'<n:a xmlns:n="' + b"y" * 3_000_000 + b'">' + b"<n:b n:c='1' xml:base='d/'/>" * 30_000 + b"</n:a>"
    )
    assert root.name == "a"
    assert root.attributes == {}
    assert len(root.all("b")) == 30_000
    assert root.children[0].attributes == {"c": "1", "base": "d/"}
