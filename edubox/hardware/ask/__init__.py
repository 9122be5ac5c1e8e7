"""What the box asks of the system: to switch off, to start again, to set the clock, to start a newer system that waits.

The process that serves pages has no right to do any of it. It leaves one line in ``/run/edubox/ask`` (``request``), a path
unit sees the file, and ``edubox ask apply`` (``applying``), which runs as root, reads it as if an enemy had written it and
does one of the few things it knows. The folder is in memory: what was asked before a power cut is not done after it. Where
there is no such folder nobody listens, and the desk offers nothing.
"""
