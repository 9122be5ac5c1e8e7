"""Who may use the desk: people, their passwords, how they come in and go, and what they did.

Pupils have no account and need none. A request of the desk is somebody's (``person.me``) once the guard of
``edubox.box.desk`` has found their session.
"""
