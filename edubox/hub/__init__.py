"""The country's central server. Its static side is a mirror folder over HTTP and nothing more.

``static`` answers requests for files of the mirror; ``serve`` runs it and keeps the directory's online
signatures fresh. Any web server can take the place of ``static``: the folder is the protocol.
"""
