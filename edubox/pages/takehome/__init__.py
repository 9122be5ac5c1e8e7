"""A lesson to take home: as one web page for phones, as a zip for computers, as a booklet on paper.

Phones open the files of a zip one by one, so theirs is one file that needs no other. Everything here is a pure function of
a ``Lesson`` and of the folder of its files (*tree*): ``inline`` turns one page of a lesson into text that carries what it
shows, ``one_page`` puts all parts into one page, ``archive`` makes the zip, ``booklet`` what is printed. The first two are
never written: they are an ``assembly`` of pieces of memory and of files, whose length is known before the first byte is
read and which can be read from anywhere, so a phone shows how far it is and goes on after a cut, and a box needs neither
room on its card nor a thread for it.
"""
