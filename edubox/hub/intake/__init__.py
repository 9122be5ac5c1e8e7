"""What boxes offer, taken in: a letter, then the files that it names, piece by piece, then a look at everything.

``proof`` asks whether the letter (``sync.letter``) is true: signed by this box's key, in a repository that its authority's
record pins or that names itself, and not older than what was there. ``pushes`` keeps how far each offer is and says what is
missing; the bytes go to the hub's store (``shelf``), where nothing is public. When a box says that all is there, a job of the
queue (``checking``) puts files together, hashes and unpacks them within limits, looks for what was erased or recalled, and
makes an arrival of it, which is where ``review`` begins. ``courier`` takes the same letters out of files that somebody
carried. ``collect`` lets go what was never finished and what nothing needs any more. ``api`` is the door for boxes.
"""
