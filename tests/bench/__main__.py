"""``python -m tests.bench [NAME …]``: run benchmarks and print their figures as one JSON object.

Figures of one run belong together: quote ratios between them, or sizes and counts, not a time alone. With
``--check`` the budgets of the house plan are compared too, and the exit code is 1 when one is not kept.
"""

from __future__ import annotations

import argparse
import importlib
import json

BENCHES = (
    "updates",
    "synchronise",
    "start",
    "serving",
    "secure",
    "teachers",
    "search",
    "pace",
    "phone",
    "poll",
    "home",
    "hub",
)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument(
        "names", nargs="*", choices=[[], *BENCHES], default=[], metavar="NAME", help=", ".join(BENCHES)
    )
    parser.add_argument(
        "--check", action="store_true", help="compare with the budgets; end with 1 if one is not kept"
    )
    chosen = parser.parse_args()
    figures, broken = {}, []
    for name in chosen.names or BENCHES:
        module = importlib.import_module(f"tests.bench.{name}")
        figures[name] = module.run()
        broken += [
            f"{name}: {sentence}" for sentence in getattr(module, "broken", lambda _: [])(figures[name])
        ]
    print(json.dumps(figures, indent=2, ensure_ascii=False))
    for sentence in broken:
        print(f"over budget: {sentence}")
    return 1 if broken and chosen.check else 0


if __name__ == "__main__":
    raise SystemExit(main())
