"""The country's central server. Its static side is a mirror folder over HTTP and nothing more.

``serve`` runs ``store.mirror_app``, which answers requests for files of the mirror, and keeps the directory's online
signatures fresh. Any web server can take the application's place: the folder is the protocol.
"""
