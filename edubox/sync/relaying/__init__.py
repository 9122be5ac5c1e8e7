"""A mirror in front of a mirror: it fetches what is asked for, once, keeps what is proved, and serves it like any mirror.

``line`` is the way to the mirror it is made of, ``small`` brings files of signatures and ``large`` bundles and objects, each once
however many ask. What has a hash in its name is kept when the hash holds. Files of signatures are passed on at once, for a minute,
and kept for good when they were verified as a box verifies them (``notary``). ``room`` keeps to a size; ``named`` says what the
newest signatures name, which leaves last and which ``ahead`` fetches before anybody asks. ``app`` answers, ``serve`` puts it together.
"""
