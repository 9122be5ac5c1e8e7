"""``python -m tests.prove.personal_data [--misses]``: how much personal data the lint finds, and how often it is mistaken.

By kind, on four sets of snippets that the checks were written and mended on; ``tests/lint/test_personal_data.py`` says
what they found at first sight. ``--misses`` shows what went wrong.
"""

from __future__ import annotations

import sys

from tests.lint.measuring import SETS, measured


def main() -> int:
    """Print the table."""
    for name, (with_data, without) in SETS.items():
        measure = measured(with_data(), without())
        print(f"{name}: {measure.there.total()} with, {measure.without} without")
        for kind, there in measure.there.items():
            print(
                f"  {kind:6} {measure.found[kind]:4} of {there:4}  recall {measure.recall(kind):.3f}"
                f"  precision {measure.precision(kind):.3f}"
            )
        print(f"  all    recall {measure.recall():.3f}  precision {measure.precision():.3f}")
        if "--misses" in sys.argv:
            for what, snippets in (("missed", measure.missed), ("mistaken", measure.wrong)):
                for kind, text in snippets:
                    print(f"    {what} {kind}: {text[:100]!r}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
