"""A country in one process: a hub, publishers, schools' boxes, neighbours and sticks, made by the code of production.

Clocks are given, not read, so months pass in seconds. ``world`` is the country and what is true in it; ``faults`` are lines
and disks that lie, break off and fill up; the tests let chance act and look at every box after every step.
"""
