"""``make prove-image-arm64``: the image of a Raspberry Pi, made twice and started in QEMU on two machines, by its own loader.

``machines`` is what QEMU has of this kind: its Raspberry Pi 3B, with U-Boot and the description of the board from the very card,
and its ``virt``, whose U-Boot comes from Debian. ``slots`` puts a second system on a card, a good one and one that panics.
``__main__`` says what must be true; the country around the box is that of ``tests.prove.image``.
"""
