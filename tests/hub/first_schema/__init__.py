"""The tables of the first edubox that has a hub, as SQL of each engine; ``python -m tests.hub.first_schema`` writes them before its release."""
