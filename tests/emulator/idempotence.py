"""Memory of Idempotence-Keys: 24 hours from the first request, shop by shop."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from .clock import Clock
from .objects import Payment, Refund
from .refusal import Refusal, invalid
from .shops import Shop

REMEMBERED = timedelta(hours=24)
USED = (
    "You've already used this idempotence key for another request within the past 24 hours. "
    "Repeat the request with another idempotence key"
)


@dataclass
class Memory:
    """What the first request under a key was and what came of it."""

    request: tuple[str, bytes]
    first_at: datetime
    outcome: Payment | Refund | Refusal | None = None


@dataclass
class KeyBook:
    """Keys per shop. The scope over endpoints and the comparison of bodies are not documented:
    the strictest reading is taken, one key for one address and for one body byte by byte.
    """

    clock: Clock
    _memories: dict[tuple[str, str], Memory] = field(default_factory=dict)

    def recall(self, shop: Shop, key: str, path: str, raw: bytes) -> Memory:
        """The memory of this key, new when it is unknown or a day old.

        A request refused with 4xx keeps its key: the corrected body needs another one.
        """
        now = self.clock.now()
        memory = self._memories.get((shop.shop_id, key))
        if memory is None or now >= memory.first_at + REMEMBERED:
            memory = Memory((path, raw), now)
            self._memories[shop.shop_id, key] = memory
        elif memory.request != (path, raw):
            invalid("Idempotence-Key", USED)
        return memory
