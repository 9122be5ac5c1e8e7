"""The system as a pack: made once by who publishes it, brought by the sync like a lesson, written to a slot by root.

``packing`` makes an ``.edpack`` of a root image; ``edubox publish`` signs it and makes the bundles. On a box the sync keeps
the cheapest bundle in the mirror. ``installing`` is root's part: ``verified`` reads the mirror again from the country's root
in the image and believes nothing that the sync wrote, ``device`` turns the bundle into the bytes of the slot that does not
run and reads them back, and ``edubox.store.slots`` remembers what each slot holds. The running slot is only read.
"""
