"""What importers told an author, as a lesson's report keeps it, said in the reader's language.

The report is a file that another process wrote (``importers.notices.Notice.as_json``): what does not fit is shown as it
is, never an error.
"""

from __future__ import annotations

from gettext import NullTranslations
from typing import Any

from edubox.pages.words import language_name

#: The detail that holds the code of a language, of which a teacher reads the name.
_LANGUAGE = "language"
#: A reason within a reason within a sentence; deeper is nothing of ours.
_DEEPEST = 4


def sentence(notice: Any, words: NullTranslations, depth: int = 0) -> str:
    """*notice* (an object with message and details, a text, a number or a list of these) in the language of *words*."""
    if depth > _DEEPEST:
        return "…"
    if isinstance(notice, list):
        return ", ".join(sentence(one, words, depth + 1) for one in notice)
    if not isinstance(notice, dict):
        return str(notice)
    message, details = notice.get("message"), notice.get("details")
    if not isinstance(message, str) or not isinstance(details, dict):
        return ""
    said = {
        name: language_name(str(value)) if name == _LANGUAGE else sentence(value, words, depth + 1)
        for name, value in details.items()
    }
    for template in (words.gettext(message), message) if message else ():
        try:
            return template % said
        except (KeyError, TypeError, ValueError):
            continue  # a translation, or a report, that fills in something else
    return message
