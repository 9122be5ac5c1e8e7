"""``make prove-radio``: a phone comes in over the air, and the box of a real image does what its own units do.

``box`` is the image in QEMU, whose kernel makes two radios that hear each other; ``phone`` (and ``phone.sh`` in the guest) is a network
namespace with the second one, ``cable`` the school's switch with a router and a notebook, ``stick`` what somebody plugs in.
``pupil``, ``building`` and ``desk`` say what must be true; ``__main__`` plays them. Nothing of the box is replaced: hostapd, dnsmasq, nginx
and edubox run as systemd starts them, with the rights that their units leave them.
"""
