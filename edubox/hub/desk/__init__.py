"""The pages of the hub for the people who work there: officers of academies, reviewers, the ministry.

``guard`` finds out who asks and whether they may, ``pages`` fills templates, and each other file is one room of the desk: its
addresses, and what they read and write by the rooms below (``accounts``, ``enrol``, ``review`` …). Everything works without
scripts but passkeys. French is shown first.
"""
