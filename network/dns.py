"""Where a name points, as the world sees it."""

from collections.abc import Callable

import dns.exception
import dns.resolver

SECONDS = 4.0
NO_NAME, NO_ANSWER = "no such name", "no answer"

# A name → its IPv4 and IPv6 addresses; none when the name is known and has none.
Resolve = Callable[[str], frozenset[str]]


class CannotResolve(Exception):
    """NO_NAME or NO_ANSWER."""


def resolve(name: str) -> frozenset[str]:
    """Ask the name servers of this machine; at most twice `SECONDS`. Raises CannotResolve."""
    resolver = dns.resolver.Resolver()
    resolver.lifetime = SECONDS
    found: set[str] = set()
    for kind in ("A", "AAAA"):
        try:
            answer = resolver.resolve(f"{name}.", kind, raise_on_no_answer=False)
        except dns.resolver.NXDOMAIN:
            raise CannotResolve(NO_NAME) from None
        except dns.exception.DNSException:
            raise CannotResolve(NO_ANSWER) from None
        found |= {record.to_text() for record in answer.rrset or ()}
    return frozenset(found)
