"""The screen of the box: what somebody sees who plugs in a monitor and a keyboard, or a serial cable.

A box has no password and nobody logs in, so where other systems ask for a name there is a page of text in French and English: how
the box is, where it is found, and five things to do by a number and Enter. ``facts`` gathers, ``screen`` draws (pure: 80 columns, 24
lines, any terminal), ``talk`` listens and does. While nobody presses a key none of this runs: a few lines of shell show
``front`` (packaging/debian/console.sh), and start ``edubox console`` for whoever presses Enter. It ends when nobody types any more.

Whoever stands there holds the box in their hands, no more: what they may do is what the card in their hands would let them do
(docs/adr/0028-console.md). It runs as the box's own user, asks the system to switch off as the desk does, and starts nothing by name.
"""
