"""The pretend bank decides. Like a real provider it moves its own ledger only."""

from django.utils import timezone

from donations.models import DonationState, SandboxPayment


def decide(*, payment: SandboxPayment, pay: bool) -> None:
    """Pay or refuse a pending payment; a decided one stays as it is."""
    state = DonationState.SUCCEEDED if pay else DonationState.CANCELED
    SandboxPayment.objects.filter(pk=payment.pk, state=DonationState.PENDING).update(
        state=state, paid_at=timezone.now() if pay else None
    )
