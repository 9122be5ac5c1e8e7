"""What people do with a lesson that a school offered: look at it, say something, let it into a collection or not.

``arrivals`` is the list, its states and its history; ``findings`` what the checks of ``edubox.lint`` say; ``looking`` what
changed since the last version and where else the same lesson is; ``trees`` its files laid out, for ``site``, which shows it on an
origin of its own, and for the checks. ``accept`` makes an index of it in a collection, which names the same manifest and says
whose it is; ``recall`` takes back what must be nowhere. Whoever calls a function here has asked ``accounts.roles.may`` before.
"""
