"""YooKassa v3 on a loopback socket, for tests and for work by hand.

    with YooKassaEmulator() as emulator:
        shop = emulator.add_shop("100500", "test_secret", notification_url="http://…")
        emulator.url  # for YOOKASSA_API_URL

By hand: `python -m tests.emulator --help`.
"""

from .clock import Clock
from .emulator import YooKassaEmulator
from .faults import Fault
from .notifications import Delivery
from .server import Request
from .shops import Shop

__all__ = ["Clock", "Delivery", "Fault", "Request", "Shop", "YooKassaEmulator"]
