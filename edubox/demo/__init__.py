"""A whole country on one machine, in one command.

``story`` makes a country with its keys, publishes the starter lessons, starts the hub and a school's box, brings the
box up to date, then publishes the second version of every lesson and shows how few bytes the update takes. A
folder that stands for a stick then brings the lessons to a second school's box, which has no line; and the first school asks
its academy to take it in, which waits for a person at the hub's desk. Publishing happens here; all else is done by ``children``,
the same commands as in a school. Whatever was started is stopped at the end, and a temporary folder is removed.
"""
