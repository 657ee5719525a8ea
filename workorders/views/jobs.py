"""An engineer's own jobs."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from config.shared.access import requires
from workorders import queries
from workorders.enums import Permission
from workorders.forms import JobsForm
from workorders.views.acting import person

JOBS_SHOWN = 100


@requires(Permission.VIEW_MY_JOBS)
def my_jobs(request: HttpRequest) -> HttpResponse:
    """Today, next, done; the day is the person's own."""
    chosen, now = JobsForm(request.GET).chosen, timezone.now()
    zone = timezone.get_current_timezone()
    jobs: Any
    if chosen == "done":
        jobs = queries.jobs_done(person(request))
    elif chosen == "next":
        jobs = queries.jobs_next(person(request), now=now, zone=zone)[:JOBS_SHOWN]
    else:
        jobs = queries.jobs_today(person(request), now=now, zone=zone)[:JOBS_SHOWN]
    counts = queries.job_counts(person(request), now=now, zone=zone)
    context = {"jobs": jobs, "chosen": chosen, "tabs": tabs(chosen, counts), "now": now, "counts": counts}
    return render(request, "workorders/my_jobs.html", context)


def tabs(chosen: str, counts: dict[str, int]) -> list[dict[str, Any]]:
    here = reverse("workorders:my_jobs")
    return [
        {"label": _("Today"), "url": here, "is_current": chosen == "today", "count": counts["today"]},
        {
            "label": pgettext("jobs", "Next"),
            "url": f"{here}?show=next",
            "is_current": chosen == "next",
            "count": counts["next"],
        },
        {"label": _("Done"), "url": f"{here}?show=done", "is_current": chosen == "done"},
    ]
