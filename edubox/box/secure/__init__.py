"""How a password reaches the box without being read on the way: its certificate, its port, and who is let through.

``certificate`` makes the box's own certificate and tells its fingerprint; ``credentials`` hands it, or one that an
administrator put there, to the TLS port of the serving process. ``gate`` says of a request whether a password may come
by its way, and shows a page to those who came by another; ``only_desk`` keeps that port to the desk, since lessons are
read over plain HTTP and would be mixed content there.
"""
