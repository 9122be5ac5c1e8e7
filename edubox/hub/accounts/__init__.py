"""Who may do what at the hub, and how they show who they are.

``roles`` says what each may; ``people`` keeps them. Coming in takes a password (``passwords`` of ``trust``) and, for
everybody who can change something, an authenticator's code (``totp``) or a passkey (``passkeys``); ``codes`` has the way
back of whoever lost it. ``door`` puts these together, ``guesses`` makes guessing slow, ``sessions`` remembers who has come in
for all processes of a hub, ``tokens`` lets programs in. Nothing here knows a page or a request.
"""
