"""The document of a use: inserted only while settings, job and crew still allow it."""

from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from config.shared.errors import DomainError
from spareparts.domain.modes import ModeChanged, for_share
from spareparts.models import Consumption, SparepartsSettings
from spareparts.policies import ModePolicy
from workorders.enums import OPEN_STATUSES
from workorders.models import WorkOrder


class WorkOrderNotOpen(DomainError):
    """Parts are used on open jobs only."""


class NotOnTheJob(DomainError):
    """The engineer is neither lead nor helper of the job."""

    field = "engineer"


def insert_while_open(document: Consumption, policy: ModePolicy) -> None:
    """Insert the document if the settings are still those of ``policy``, the job is open and the engineer on it.

    One statement reads, locks (shared, settings before the job) and writes, so that neither a switch of the mode nor
    the end of the job can slip in before the posting: they wait until this transaction ends.
    """
    fields = [each for each in Consumption._meta.concrete_fields if not each.primary_key]
    values = [each.get_db_prep_save(getattr(document, each.attname), connection) for each in fields]
    columns = ", ".join(str(each.column) for each in fields)
    statuses = sorted(OPEN_STATUSES)
    sql = (
        f"INSERT INTO {Consumption._meta.db_table} ({columns})"  # noqa: S608  names of our own tables
        f" SELECT {', '.join(['%s'] * len(fields))}"
        f" FROM {SparepartsSettings._meta.db_table} s, {WorkOrder._meta.db_table} w"
        " WHERE s.id = 1 AND s.version = %s AND w.id = %s"
        f" AND w.status IN ({', '.join(['%s'] * len(statuses))})"
        f" AND (w.lead_id = %s OR EXISTS (SELECT 1 FROM {WorkOrder.helpers.through._meta.db_table} h"
        " WHERE h.workorder_id = w.id AND h.user_id = %s))"
        f"{for_share('s', 'w')} RETURNING id"
    )
    engineer_id = document.engineer_id
    with connection.cursor() as cursor:
        guards: list[Any] = [policy.version, document.work_order_id, *statuses, engineer_id, engineer_id]
        cursor.execute(sql, [*values, *guards])
        row = cursor.fetchone()
    if row is None:
        raise _refusal(document, policy)
    document.pk = row[0]
    document._state.adding = False


def _refusal(document: Consumption, policy: ModePolicy) -> DomainError:
    """Which of the guards said no."""
    if not SparepartsSettings.objects.filter(pk=1, version=policy.version).exists():
        return ModeChanged()
    job = WorkOrder.objects.get(pk=document.work_order_id)
    if not job.is_open:
        words = {"work_order": job, "status": job.get_status_display()}
        return WorkOrderNotOpen(
            _("%(work_order)s is “%(status)s”: parts are recorded on open jobs only. Ask the dispatcher to reopen it.")
            % words
        )
    return NotOnTheJob(
        _("%(engineer)s is neither lead nor helper of %(work_order)s.")
        % {"engineer": document.engineer, "work_order": job}
    )
