"""The pages of an import: file, columns, preview, result; the same for every kind."""

import uuid
from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from config.shared.errors import DomainError
from config.shared.exports import FORMATS, export_response
from config.shared.imports import store
from config.shared.imports.forms import ConfirmForm, MappingForm, UploadForm
from config.shared.imports.kinds import ImportKind, get_kind
from config.shared.imports.runs import Report, export_rows, run_import
from config.shared.imports.store import Upload
from config.shared.models import AuditEvent
from config.shared.submissions import submit

SHOWN_PROBLEMS = 100
View = Callable[..., HttpResponseBase]


def for_kind(view: View) -> View:
    """Turn the address's kind into the ImportKind for those who may import it; 404 for an unknown one."""

    @wraps(view)
    def guarded(request: HttpRequest, kind: str, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        found = get_kind(kind)
        if found is None:
            raise Http404
        if not request.user.has_perm(found.permission):
            raise PermissionDenied(found.permission)
        return view(request, found, **kwargs)

    return guarded


def for_upload(view: View) -> View:
    """The person's own upload of this kind; when it is gone, say so and begin again."""

    @wraps(view)
    def guarded(request: HttpRequest, kind: ImportKind, token: uuid.UUID) -> HttpResponseBase:
        upload = store.find(token, kind=kind.slug, user_id=_person(request))
        if upload is None:
            return _ended(request, kind, token)
        return view(request, kind, upload)

    return for_kind(guarded)


def _person(request: HttpRequest) -> int:
    return int(request.user.pk or 0)


def _ended(request: HttpRequest, kind: ImportKind, token: uuid.UUID) -> HttpResponseBase:
    if _event(request, token) is not None:
        return redirect("imports:result", kind=kind.slug, token=token)
    raise Http404


def _event(request: HttpRequest, token: uuid.UUID) -> AuditEvent | None:
    """The audit row of the finished import: the database is the truth, not the folder."""
    return AuditEvent.objects.filter(verb="import.done", actor=request.user.pk, details__token=token.hex).first()


@for_kind
def start(request: HttpRequest, kind: ImportKind) -> HttpResponseBase:
    form = UploadForm(request.POST or None, request.FILES or None) if request.method == "POST" else UploadForm()
    if request.method == "POST" and form.is_valid():
        upload = store.keep(kind.slug, _person(request), form.cleaned_data["file"].name, form.data_read)
        return redirect("imports:columns", kind=kind.slug, token=upload.token)
    columns = kind.resource.visible_columns(request.user)
    return render(request, "imports/start.html", {"kind": kind, "form": form, "columns": columns})


@for_upload
def columns(request: HttpRequest, kind: ImportKind, upload: Upload) -> HttpResponseBase:
    sheet = upload.sheet()
    known = kind.resource.visible_columns(request.user)
    form = MappingForm(request.POST or None, sheet=sheet, columns=known, saved=upload.mapping())
    if request.method == "POST" and form.is_valid():
        try:
            report = _run(request, kind, upload, form.mapping(), is_dry_run=True)
        except DomainError as error:
            for message in error.messages:
                form.add_error(None, message)
        else:
            upload.save_mapping(form.mapping())
            upload.save_report(report)
            return redirect("imports:preview", kind=kind.slug, token=upload.token)
    context = {"kind": kind, "form": form, "upload": upload, "sheet": sheet, "row_count": len(sheet.lines)}
    return render(request, "imports/columns.html", context)


def _run(
    request: HttpRequest, kind: ImportKind, upload: Upload, mapping: dict[int, str], *, is_dry_run: bool
) -> Report:
    return run_import(
        kind,
        upload.sheet(),
        mapping,
        by=request.user,
        at=timezone.now(),
        is_dry_run=is_dry_run,
        label=upload.name,
        progress=upload.set_progress,
        details={"token": upload.token.hex},
    )


@for_upload
def preview(request: HttpRequest, kind: ImportKind, upload: Upload) -> HttpResponseBase:
    report, mapping = upload.report(), upload.mapping()
    if report is None or mapping is None:
        return redirect("imports:columns", kind=kind.slug, token=upload.token)
    form = ConfirmForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        done = _confirm(request, kind, upload, mapping, form)
        if done is not None:
            return done
        report = upload.report() or report
    context = {"kind": kind, "form": form, "upload": upload, "report": report}
    return render(request, "imports/preview.html", context | {"problems": report.problems[:SHOWN_PROBLEMS]})


def _confirm(
    request: HttpRequest, kind: ImportKind, upload: Upload, mapping: dict[int, str], form: ConfirmForm
) -> HttpResponse | None:
    """Import once. None: there are problems now, the preview shows them."""
    result_url = reverse("imports:result", kwargs={"kind": kind.slug, "token": upload.token})
    if not upload.claim():
        if upload.is_gone:  # somebody was quicker: it is imported
            return redirect(result_url)
        return render(request, "imports/running.html", {"kind": kind, "upload": upload}, status=409)

    def act(key: uuid.UUID) -> str:
        report = _run(request, kind, upload, mapping, is_dry_run=False)
        if report.problems:
            upload.save_report(report)
            raise DomainError(_("The data changed since the preview. Nothing was imported."))
        return result_url

    done = None
    try:
        done = submit(request, form, act)
    finally:
        # What is imported goes with its lock: released first, the next request would begin to read it.
        upload.remove() if done is not None else upload.release()
    return done


@for_kind
@require_safe
def result(request: HttpRequest, kind: ImportKind, token: uuid.UUID) -> HttpResponseBase:
    event = _event(request, token)
    if event is None:
        raise Http404
    return render(request, "imports/result.html", {"kind": kind, "event": event, "counts": event.details})


@for_kind
@require_safe
def progress(request: HttpRequest, kind: ImportKind, token: uuid.UUID) -> HttpResponseBase:
    upload = store.find(token, kind=kind.slug, user_id=_person(request))
    if upload is None:
        if _event(request, token) is None:
            raise Http404
        url = reverse("imports:result", kwargs={"kind": kind.slug, "token": token})
        return JsonResponse({"done": 1, "total": 1, "text": "", "finished_url": url})
    done, total = upload.progress()
    text = _("Row %(done)d of %(total)d") % {"done": done, "total": total} if total else ""
    return JsonResponse({"done": done, "total": total, "text": text, "finished_url": ""})


@for_upload
@require_safe
def problems(request: HttpRequest, kind: ImportKind, upload: Upload) -> HttpResponseBase:
    """The bad rows as a file: what was expected and got in front, the row as it was behind."""
    report = upload.report()
    if report is None:
        raise Http404
    sheet = upload.sheet()
    headers = [_("row"), _("field"), _("expected"), _("got"), *sheet.headers]
    return export_response(f"{kind.slug}-to-correct", "csv", headers, _bad_rows(report, upload))


def _bad_rows(report: Report, upload: Upload) -> Iterator[list[Any]]:
    cells = {line.number: line.cells for line in upload.sheet().lines}
    for each in report.problems:
        yield [each.row or "", each.field, each.expected, each.got, *cells.get(each.row, [])]


@for_kind
@require_safe
def example(request: HttpRequest, kind: ImportKind) -> HttpResponseBase:
    headers = [each.field for each in kind.resource.visible_columns(request.user)]
    return export_response(f"{kind.slug}-example", "csv", headers, [])


@for_kind
@require_safe
def export(request: HttpRequest, kind: ImportKind) -> HttpResponseBase:
    chosen = request.GET.get("format", "csv")
    if chosen not in FORMATS:
        return HttpResponseRedirect(request.path)
    headers, rows = export_rows(kind, kind.queryset(request.user), user=request.user)
    return export_response(kind.slug, chosen, headers, rows)
