"""Which of the two systems of a card starts: a few words that the boot loader and the system write to each other.

The words are kept twice (``copies``: what they mean, which copy counts, what a carrier promises; ``state`` asks for them by the
place where the FAT partition is mounted). Where they lie is the loader's
affair: two small files on the FAT partition that GRUB reads (``grub``), or two sectors before the first partition that U-Boot
reads (``uboot``); ``carriers`` finds out which. ``keeping`` is the system's part: the one that is being tried is kept when it
works, given up when it does not, and never tried again once it was given up. The loaders' part is ``hardware/boot/``.
"""
