"""What the board's light says to somebody without a screen: five ways to shine, on a printed card (docs/technicians.md).

``codes`` is the table: what each state looks like. ``light`` finds the light and asks the kernel to blink it, so that no process
stays. ``states`` decides which state it is from what the box knows anyway; ``edubox lamp look`` gathers that (``box.looks``), and
units of systemd ask for it at the moments that matter. A computer without such a light, as most PCs are, has none of this.
"""
