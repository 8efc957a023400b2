"""`python -m tests.emulator`: the emulator by hand, until Ctrl-C."""

import argparse
import signal
import sys
import threading

from .emulator import YooKassaEmulator


def main() -> None:
    options = _parse()
    emulator = YooKassaEmulator(port=options.port)
    for shop in options.shop:
        shop_id, _, secret_key = shop.partition(":")
        emulator.add_shop(
            shop_id,
            secret_key,
            test=not options.live,
            notification_url=options.notify,
            notification_host=options.notify_host,
        )
    emulator.notifications.background = True
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    with emulator:
        sys.stdout.write(f"YOOKASSA_API_URL={emulator.url}\n")
        sys.stdout.flush()
        ended.wait()


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.emulator", description=__doc__)
    parser.add_argument("--port", type=int, default=19000)
    parser.add_argument(
        "--shop", action="append", required=True, metavar="ID:KEY", help="may be repeated"
    )
    parser.add_argument("--live", action="store_true", help="the shops are not test shops")
    parser.add_argument("--notify", metavar="URL", help="where notifications are sent")
    parser.add_argument("--notify-host", metavar="HOST[:PORT]", help="the Host sent with them")
    return parser.parse_args()


if __name__ == "__main__":
    main()
