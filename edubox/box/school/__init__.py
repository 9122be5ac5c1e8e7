"""What people of a school wrote on its box: classes, what teachers say to them, and problems that readers reported.

``database`` keeps it in ``school.db``, ``classes`` and ``reports`` say what can be done with it, ``now`` answers the
phones that follow their teacher, ``pages`` makes what pupils see of a class and takes their reports, ``desk`` is the
teacher's side. Nothing here belongs to lessons: none of it enters a mirror, a courier or a stick.
"""
