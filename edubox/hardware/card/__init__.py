"""What a technician asks of a box with a text file, and what the box answers with another one.

A card's first partition is FAT: any computer opens it. ``edubox.toml`` there is a *request for change*: at each start
``apply`` looks whether its bytes are others than those it applied last, and if so carries out all of it or, when there is
any mistake, nothing. ``STATUS.txt`` beside it says what happened, since there is no screen.

    edubox.toml → decoding (which letters) → lines (which lines) → request (which wishes) → apply → network.toml, box.toml, …
                                                                                          ↘ state.json → STATUS.txt, the pages

``fields`` is the one table of what may be asked; ``mistakes`` has every sentence about a wrong file, in French and English.
``grow`` and ``this_system`` do what the system needs before anything else: room for the data, a name, the hour.
"""
