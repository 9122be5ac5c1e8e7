"""A country in one process: a hub, publishers, schools' boxes, neighbours, sticks and couriers, made by the code of production.

Clocks are given, not read, so months pass in seconds. ``world`` is the country and what is true in it; ``box`` a school's
box and what must always hold of it; ``stick`` what is carried; ``faults`` are lines, sticks and cards that lie, break off
and wear. ``test_months`` lets chance act and looks at every box after every step; ``test_stories`` tells hard years once.
"""
