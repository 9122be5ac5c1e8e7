"""What pupils read: pages as pure functions of plain data. No request, no database, no clock.

``model`` is what a page shows, ``country`` the names and colours of levels and subjects, ``addresses`` where each page
is (both ways: a static site is written with the same table that the box answers from). ``render`` puts them into the
``templates``; ``covers`` and ``icons`` draw, ``colours`` keeps every drawing readable, ``stylesheet`` gives the one CSS
file, ``words`` and ``amounts`` speak the reader's language. Message ids are English; ``catalogues/`` translate them.
The words of this room are those of a school; a test keeps those of the machinery out.
"""
