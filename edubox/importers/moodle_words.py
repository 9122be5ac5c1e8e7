"""Moodle's kinds of activity in a teacher's words, and what it calls a section that has no name."""

from __future__ import annotations

from edubox.importers.notices import Notice

#: Name of the module → what a teacher calls it; other plug-ins are called as they call themselves.
KINDS = {
    "assign": Notice("assignment"), "chat": Notice("chat"), "choice": Notice("poll"), "data": Notice("database"),
    "feedback": Notice("questionnaire"), "survey": Notice("questionnaire"), "forum": Notice("forum"),
    "glossary": Notice("glossary"), "lesson": Notice("guided lesson"), "lti": Notice("external tool"),
    "quiz": Notice("test"), "wiki": Notice("wiki"), "workshop": Notice("peer review"), "imscp": Notice("content package"),
    "bigbluebuttonbn": Notice("video meeting"), "file": Notice("file"), "page": Notice("page"), "label": Notice("text"),
    "book": Notice("book"), "resource": Notice("file"), "folder": Notice("folder"), "url": Notice("link"),
    "h5pactivity": Notice("H5P exercise"), "hvp": Notice("H5P exercise"), "scorm": Notice("SCORM course"),
    "studentquiz": Notice("test"), "subsection": Notice("section"),
}  # fmt: skip
SECTION = {"en": "Section", "fr": "Section", "es": "Sección", "pt": "Secção", "ar": "القسم"}
