"""The box's own network: pupils' phones come in over its radio, or over the cable through an access point.

``network`` is what somebody wished (``/data/system/network.toml``). ``apply`` looks at what there is (``radio``, ``ethernet``),
decides, and writes what the system's own programs read: ``hostapd`` for the radio, ``dnsmasq`` for addresses and names,
systemd-networkd for the interfaces. It leaves beside them what it found, so that nothing fails without being seen. Nobody but
these three programs touches an interface (``docs/adr/0020-hotspot.md``).
"""
