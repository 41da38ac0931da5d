"""Which addresses are the public internet's."""

from ipaddress import IPv4Address, IPv6Address, IPv6Network

Address = IPv4Address | IPv6Address

UNICAST = IPv6Network("2000::/3")
"""All that is given out to anybody (RFC 4291). What is outside, such as site-local addresses, may
lead into our own network, whatever the standard library makes of it."""
EXAMPLES = IPv6Network("3fff::/20")  # RFC 9637; this Python does not know it
NAT64 = IPv6Network("64:ff9b::/96")


def is_public(address: Address) -> bool:
    """Whether anyone may be sent there: not private, loopback, link-local or for many."""
    if isinstance(address, IPv4Address):
        return address.is_global and not address.is_multicast
    inner = address.ipv4_mapped or address.sixtofour
    if inner is None and address in NAT64:
        inner = IPv4Address(address.packed[-4:])
    if inner is not None and not is_public(inner):
        return False
    if inner is None and (address not in UNICAST or address in EXAMPLES):
        return False
    return address.is_global
