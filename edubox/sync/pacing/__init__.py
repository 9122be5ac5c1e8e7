"""When a box fetches and how fast, so that a class never waits for it and a line's budget lasts.

``pace`` decides, from numbers alone; ``usage`` counts bytes and days; ``orders`` hears whether pupils read;
``paced`` slows and ends a source by what these three say.
"""
