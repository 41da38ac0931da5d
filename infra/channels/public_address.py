"""Which addresses are the public internet's."""

from ipaddress import IPv4Address, IPv6Address, IPv6Network

Address = IPv4Address | IPv6Address

NAT64 = IPv6Network("64:ff9b::/96")


def is_public(address: Address) -> bool:
    """Whether anyone may be sent there: not private, loopback, link-local or for many."""
    if isinstance(address, IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if inner is None and address in NAT64:
            inner = IPv4Address(address.packed[-4:])
        if inner is not None and not is_public(inner):
            return False
    return address.is_global and not address.is_multicast
