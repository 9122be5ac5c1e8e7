"""``make prove-image``: the image of a PC, made twice and started in QEMU, from power-on to a lesson that is read.

``world`` is what stands around a box: a country, its hub, a school.toml; ``machine`` is the computer with that card in it, and
``__main__`` says what must be true. A card that a run has written is a copy: the image stays as it was made.
"""
