"""How a long command learns that it is to end."""

import signal
from collections.abc import Callable


def stop_asked() -> Callable[[], bool]:
    """From now on TERM and Ctrl-C are heard; the function tells whether one has come.

    A handler runs in the middle of the main thread. One that took a lock, as `Event.set` does,
    could wait for ever for the very thread it has interrupted: the terminal and the parent both
    tell us, so two signals come at once. This one takes none; whoever waits looks now and then.
    """
    heard: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda number, _frame: heard.append(number))
    return lambda: bool(heard)
