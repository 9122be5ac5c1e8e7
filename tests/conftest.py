"""How hypothesis searches: never against a clock, and in CI with the same examples every time.

New examples are for a developer's machine and for ``make prove-fuzz``; a change must not fail for what it did not do.
"""

from __future__ import annotations

import os

from hypothesis import settings

settings.register_profile("edubox", deadline=None, derandomize=os.environ.get("CI") == "true")
settings.load_profile("edubox")
