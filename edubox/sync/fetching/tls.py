"""HTTPS to a hub, on a computer that does not know what day it is.

A certificate is checked against the system's authorities and for its name, but not for its dates: a box
without a clock starts in 1970, and an operator may forget to renew for a week-end; neither may keep a
country's boxes from their lessons. What TLS adds here is that nobody on the way sees which lessons are
fetched; what is received is signed itself, with dates of its own (docs/adr/0005-trust.md).
"""

from __future__ import annotations

import ssl

#: ``X509_V_FLAG_NO_CHECK_TIME`` of OpenSSL's x509_vfy.h, which Python's ssl module does not name.
_NO_CHECK_TIME = 0x200000


def hub_context() -> ssl.SSLContext:
    """A context that trusts the system's authorities (or ``SSL_CERT_FILE``) whatever the clock says."""
    context = ssl.create_default_context()
    context.verify_flags |= ssl.VerifyFlags(_NO_CHECK_TIME)
    return context
