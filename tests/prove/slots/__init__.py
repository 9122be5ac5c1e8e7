"""``make prove-slots``: the real GRUB and the real U-Boot of Debian 13 in QEMU, on cards of two tiny systems.

``debian`` unpacks loaders and kernel from the machine's own Debian mirror, ``cards`` makes a card, ``machines`` runs one, ``scenes``
are what both loaders must do, and ``__main__`` plays them. A killed QEMU keeps what the guest wrote in the host's memory: this
proves the logic of a cut, not how a card behaves in one. From Debian: qemu-system-x86, qemu-system-arm, grub-common, u-boot-tools,
dosfstools, mtools, e2fsprogs, fdisk.
"""
