"""Where other apps may object. A receiver returns refusals: translated sentences a person can act on, or None.

Each signal is sent inside the transaction, after the work order is claimed, with ``work_order``, ``by`` and ``at``;
``work_order_reassigning`` also names ``leaving``, the people who lose the job. One refusal stops the event.
"""

from typing import Any

from django.dispatch import Signal

from config.shared.errors import DomainError

work_order_completing = Signal()
work_order_cancelling = Signal()
work_order_reassigning = Signal()
# Sent while a person is locked, before he may sign in no more: ``person``, ``by``, ``at``.
person_deactivating = Signal()


class WorkOrderRefused(DomainError):
    """Another app objects; the messages are all its reasons."""


def ask(signal: Signal, work_order: Any, **facts: Any) -> None:
    """Send ``signal`` and raise one WorkOrderRefused with every refusal of every receiver."""
    answers = signal.send(sender=type(work_order), work_order=work_order, **facts)
    refusals = [refusal for _receiver, answer in answers for refusal in answer or ()]
    if refusals:
        raise WorkOrderRefused(messages=refusals)
