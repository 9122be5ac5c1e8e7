"""One-time codes of cards: ``trust.codes``, where the academy's server reads them too."""

from __future__ import annotations

from edubox.trust.codes import ALPHABET, is_ours, new_code

__all__ = ["ALPHABET", "is_ours", "new_code"]
