"""The fleet: what boxes say of themselves, and what a country does about it.

A box checks in once a synchronisation (``api``): ``report`` reads what it says as what a stranger wrote, ``checkins`` keeps the
last word of each box and one line a day, and answers when to come again and which versions had better wait. ``overview``
reads that for people, ``export`` for programs, ``alerts`` tells somebody. ``rollouts`` stops a version that fails at the boxes
that got it first; ``forecast`` says what a publication will cost the slowest of them before it is made. No line is about a
person, and what one check-in costs does not grow with the country.
"""
