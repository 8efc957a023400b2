"""The provider, the mail or the clock is out of order for hours or days."""

import itertools
import json
import random
import socket
import socketserver
import threading
from collections import Counter as Numbers
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.db import connection, transaction
from django.db.models import Sum
from pytest_django.fixtures import Settings

from accounts.models import User
from donations import mail as donation_mail
from donations.actions import shield
from donations.actions.letters import send_owed_letters
from donations.actions.payments import refresh_donation
from donations.actions.shield import LIMITS, count_start
from donations.actions.sweeping import settle
from donations.models import Donation, Letter
from tenancy.models import Counter, Role
from tenancy.scope import unrestricted
from tests.conftest import SiteClient
from tests.faults.conftest import Oracle
from tests.faults.donors import ask, at_once, begin
from tests.faults.processes import Point, fork, wait_for
from tests.faults.stage import SEED, Stage, age, size

Tell = Callable[..., None]


@pytest.mark.parametrize("hours", [1, 25])
def test_outage_ends_and_no_old_key_is_used(
    stage: Stage, compare: Oracle, tell: Tell, hours: int
) -> None:
    """F06: every second payment was made and paid though its answer was lost; then silence."""
    number = size(50, 500)
    for index in range(number):
        if index % 2 == 0:
            stage.emulator.fault("drop", when="after", method="POST", path="/payments")
        else:
            stage.emulator.fault("drop", method="POST", path="/payments")
        stage.gift(index)
    stage.emulator.notifications.lose = 1.0
    made = stage.emulator.payments()
    for payment in made:
        stage.emulator.pay(payment["id"])
    stage.emulator.outage(hours=hours)
    settle()
    stage.emulator.advance(hours=hours, minutes=1)
    age(timedelta(hours=hours, minutes=1))
    asked_before = len(stage.emulator.requests)
    stage.bring_to_rest()

    posts = [one for one in stage.emulator.requests[asked_before:] if one.method == "POST"]
    if hours > 24:
        # The provider has forgotten the keys: a payment asked for now would be another one.
        assert posts == []
        assert Donation.objects.filter(reason="not_found").count() == number - len(made)
    tell(**compare(), payments=number, made=len(made), asked_again=len(posts))
    assert Donation.objects.paid().count() == len(made)


def test_clock_that_jumps_a_day_harms_nothing(stage: Stage, compare: Oracle, tell: Tell) -> None:
    """F27: the host's clock jumps by up to a day, forward and back, between any two steps."""
    number = size(20, 200)
    dice = random.Random(SEED)  # noqa: S311 - the jumps must repeat by seed
    now = datetime.now(UTC)
    stage.emulator.clock.stand_still()
    stage.emulator.notifications.hold = True

    def jump() -> time_machine.travel:
        return time_machine.travel(now + timedelta(hours=dice.uniform(-24, 24)), tick=True)

    for index in range(number):
        with jump():
            if index % 3 == 0:
                stage.emulator.fault("drop", when="after", method="POST", path="/payments")
            gift = stage.gift(index)
        with jump():
            settle()
        for payment in stage.emulator.payments():
            if payment["status"] == "pending":
                stage.emulator.pay(payment["id"])
        with jump():
            if index % 2:
                refresh_donation(gift, source="return")
            settle()
        with jump():
            send_owed_letters()
    stage.bring_to_rest()
    tell(**compare(), payments=number)
    assert Donation.objects.paid().count() == number
    assert not Letter.objects.filter(sent_at=None).exists()


# --- the cache


def test_cache_and_sessions_thrown_away_in_mid_run_cost_no_gift(
    stage: Stage,
    compare: Oracle,
    tell: Tell,
    make_person: Callable[..., User],
    admin_as: Callable[[User], SiteClient],
) -> None:
    """F35: staff sign in again; donors notice nothing."""
    number, over, thrown = size(60, 2000), threading.Event(), [0]
    staff = admin_as(make_person(Role.ACCOUNTANT, stage.shop.site))
    assert staff.get("/admin/donations/").status_code == 200

    def throw_away() -> None:
        with unrestricted("a thread of a test"):
            while not over.wait(0.02):
                thrown[0] += len(cache._list_cache_files())  # type: ignore[attr-defined]
                cache.clear()
                Session.objects.all().delete()
        connection.close()

    def give(index: int) -> None:
        assert ask(stage.server, stage.host, "GET", "/").status == 200
        answer = begin(stage.server, stage.host, stage.fund, 100 + index, index)
        assert answer.status == 303
        stage.emulator.pay(answer.location.rsplit("/", 1)[-1])

    stage.emulator.notifications.lose = 0.3
    thrower = threading.Thread(target=throw_away)
    thrower.start()
    try:
        at_once(give, range(number), workers=8)
    finally:
        over.set()
        thrower.join()
    stage.bring_to_rest()
    assert staff.get("/admin/donations/")["Location"].startswith("/admin/login/")
    tell(**compare(), thrown_away=thrown[0])
    assert Donation.objects.paid().count() == number
    assert thrown[0] > 0


# --- the database


@contextmanager
def a_database_that_is_held(donation: Donation) -> Iterator[None]:
    """Somebody holds the gift's row (on SQLite: the write lock), and we wait a moment only."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA busy_timeout = 50")
        else:
            cursor.execute("SET lock_timeout = '50ms'")
    held, done = threading.Event(), threading.Event()

    def hold() -> None:
        with unrestricted("a thread of a test"), transaction.atomic():
            Donation.objects.select_for_update().get(pk=donation.pk)
            held.set()
            done.wait(30)
        connection.close()

    holder = threading.Thread(target=hold)
    holder.start()
    held.wait(30)
    try:
        yield
    finally:
        done.set()
        holder.join()
        connection.close()


def test_notification_that_finds_the_database_busy_is_sent_again(
    stage: Stage, compare: Oracle
) -> None:
    """F23: 503 and not 500, and nothing of it is lost."""
    donation = stage.paid()
    path = f"/donations/yookassa/{stage.shop.token}/"
    body = json.dumps(stage.emulator.notification(str(donation.external_id)))

    def tell() -> int:
        answer = SiteClient(stage.host).post(path, body, content_type="application/json")
        return int(answer.status_code)

    with a_database_that_is_held(donation):
        assert tell() == 503
    assert tell() == 200
    assert compare()["paid"] == 1


def test_sixteen_writers_at_once_never_meet_a_lock(
    stage: Stage, tell: Tell, monkeypatch: pytest.MonkeyPatch
) -> None:
    """F24: processes, each with a connection of its own, that write all the time."""
    number = size(50, 1000)
    monkeypatch.setattr(shield, "LIMITS", LIMITS)  # the stage has none

    def write() -> None:
        for _time in range(number):
            with transaction.atomic():
                count_start(address="192.0.2.1", email="a@example.org", fund=stage.fund)

    for child in [fork(write) for _writer in range(16)]:
        wait_for(child)  # a child that met an error fails here
    counted = Counter.objects.filter(key__startswith="email/").aggregate(sum=Sum("number"))["sum"]
    tell(writers=16, transactions=counted)
    assert counted == 16 * number


# --- mail


class Mailbox(socketserver.ThreadingTCPServer):
    """As much of SMTP as a sender needs. `mood`: well, later (4xx), never (5xx), hang up."""

    allow_reuse_address, daemon_threads = True, True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Conversation)
        self.moods: Iterator[str] = itertools.repeat("well")
        self.taken: list[str] = []


class Conversation(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        server = self.server
        assert isinstance(server, Mailbox)
        mood = next(server.moods)
        if mood == "hang up":
            return
        self.say("220 here")
        for raw in self.rfile:
            word = raw[:4].upper()
            if word == b"DATA":
                if mood != "well":
                    self.say("451 later" if mood == "later" else "550 never")
                    continue
                self.say("354 go on")
                lines = [line.decode() for line in iter(self.rfile.readline, b".\r\n")]
                server.taken += [one.strip() for one in lines if one.startswith("Message-ID:")]
                self.say("250 taken")
            elif word == b"QUIT":
                self.say("221 bye")
                return
            else:
                self.say("250 well")

    def say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())


@contextmanager
def mail_server(settings: Settings) -> Iterator[Mailbox]:
    with Mailbox() as mailbox:
        thread = threading.Thread(target=mailbox.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", mailbox.server_address[1]
        settings.EMAIL_TIMEOUT = 5
        try:
            yield mailbox
        finally:
            mailbox.shutdown()
            thread.join()


def test_mail_server_out_of_order_loses_and_doubles_no_letter(
    stage: Stage, compare: Oracle, tell: Tell, settings: Settings
) -> None:
    """F33: nobody listens, then the server hangs up, says later, says never, and at last is well;
    F20: every tenth try the sender is killed as well."""
    number, kills = size(50, 2000), 0
    with mail_server(settings) as mailbox:
        port, settings.EMAIL_PORT = settings.EMAIL_PORT, closed_port()
        for index in range(number):
            stage.sweep(stage.paid(index))
        assert send_owed_letters() == 0
        assert Donation.objects.paid().count() == number
        settings.EMAIL_PORT = port
        for mood in ("hang up", "later", "never"):
            age(timedelta(days=1))
            mailbox.moods = itertools.repeat(mood)
            assert send_owed_letters() == 0
        mailbox.moods = itertools.cycle(["well", "well", "later"])
        while Letter.objects.filter(sent_at=None).exists():
            age(timedelta(days=1))
            if kills < number // 10:
                kills += wait_for(
                    fork(send_owed_letters, die_at=Point(donation_mail, "send", "after"))
                )
            else:
                send_owed_letters()
    sent = Numbers(mailbox.taken)
    again = sum(sent.values()) - number
    tell(**compare(), letters=len(sent), kills=kills, sent_again=again)
    assert len(sent) == number
    assert again <= kills


def closed_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
