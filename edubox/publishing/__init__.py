"""The one way to publish: from a built lesson to a signed mirror, used by the command line, the box and the hub.

``country`` makes a country's folder (mirror, keys, locks), enters publishers in its directory and renews the
directory's online signatures; ``country_file`` checks the country's own words first. ``job`` publishes or withdraws
one lesson: check it, write its objects and bundles, sign its index, let a fresh client and an old one try the
result, and only then replace the timestamp. ``deltas`` chooses which older versions get a short update and makes it.
``workplace`` says where keys, locks and staging lie beside a mirror, holds a repository and writes what was signed.
"""
