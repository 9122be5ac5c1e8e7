"""The computer under the box: its card, its two systems, its radio.

On a technician's computer this room makes an image (``image``) and writes it to cards (``flash``). On the box it reads what
somebody wrote on the card (``card``), keeps two systems and boots the right one (``slots``, ``system``), and makes a hotspot
(``hotspot``). What lies on a card and is not Python is in the folder ``hardware/``, one file per board. A box that was
installed with pip has none of this and misses nothing.
"""
