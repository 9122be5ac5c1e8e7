"""How much one box may send: a stolen card, or a school with a wrong idea, must not fill the country's disk.

Sizes are bytes. The largest courses of schools have some 2 GB (films); a school offers a few lessons a week.
"""

from __future__ import annotations

MB = 1_000_000
#: Of all files of one lesson, and of what its bundle unpacks to; files of one lesson.
LESSON, UNPACKED, FILES = 4_000 * MB, 2_000 * MB, 20_000
#: A box: bytes a day, offers that are open at once, bytes that are kept for it.
DAY, OPEN, KEPT = 2_000 * MB, 8, 20_000 * MB
#: An honest bundle unpacks to some ten times its size (``pack.edpack``).
RATIO, RATIO_ABOVE = 1000, 64 * 1024 * 1024
#: Bytes of a piece.
PIECE = 4 * 1024 * 1024
#: Seconds after which an offer that nobody continued is given up, and between the two looks of ``collect``.
GIVEN_UP = THIRTY_DAYS = 30 * 86_400
