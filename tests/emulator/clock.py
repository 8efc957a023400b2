"""The emulator's own clock, so that an hour or a day can pass inside a test."""

from datetime import UTC, datetime, timedelta


class Clock:
    """Real time plus an offset; stands still when a start is given."""

    def __init__(self, start: datetime | None = None) -> None:
        self._frozen = start
        self._offset = timedelta()

    def now(self) -> datetime:
        return (self._frozen or datetime.now(UTC)) + self._offset

    def stand_still(self) -> None:
        """From now on only `advance` moves it, whatever happens to the host's clock."""
        self._frozen, self._offset = self.now(), timedelta()

    def advance(
        self, *, days: float = 0, hours: float = 0, minutes: float = 0, seconds: float = 0
    ) -> None:
        """Move the clock; negative values move it back (an NTP step, a wrong host)."""
        self._offset += timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)


def stamp(moment: datetime) -> str:
    """A moment as YooKassa writes it: UTC, milliseconds, a Z at the end."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
