"""How a box becomes a school that the directory knows: it asks, an officer looks, the authority signs.

``codes`` keeps the authority's lists of one-time codes, by their hashes. ``asking`` reads what a box sends, over HTTP (``api``) or
carried in a file, and lets it into the queue if it shows a good code and signs with the key that its own roots name; nothing
of anybody else is kept. ``deciding`` is the officer's yes or no. A yes makes a line of ``signing``, which an authority's key
turns into one publication of the directory, here or on a computer without a line (``offline``). ``status`` has what becomes
of a school later. ``boxes`` says who sent a signed request.
"""
