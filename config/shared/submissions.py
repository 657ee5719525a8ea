"""A form acts once, however often it is sent.

Each changing form carries a hidden key (``{% request_key %}``). The key is written in the same transaction as the
effect: the same key with the same content answers with the first result, other content is refused and keeps what
was typed under a new key.
"""

import hashlib
import uuid
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.db import IntegrityError, transaction
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.utils.html import format_html
from django.utils.translation import gettext as _

from config.shared.errors import DomainError
from config.shared.models import RequestKey

View = Callable[..., HttpResponseBase]
FIELD = "request_key"
RESTORED = "restored"  # sent by static/js/restore.js, after a sign-in, with what was typed before it
_NOT_CONTENT = {FIELD, "csrfmiddlewaretoken"}


def submit(request: HttpRequest, form: BaseForm, act: Callable[[uuid.UUID], str]) -> HttpResponse | None:
    """Run ``act(key)`` once in a transaction and redirect to the URL it returns.

    ``act`` makes the one domain call. A ``DomainError`` is put into the form and None is returned: the view then
    shows the form again, with nothing written.
    """
    key = read_key(request)
    if key is None:
        if RESTORED not in request.POST:  # else templates/base.html says why it is shown again
            form.add_error(None, _("This page was too old to send. Check what you typed and send it again."))
        return None
    content = content_hash(request)
    try:
        earlier = _act_once(request, key, content, act)
    except DomainError as error:
        add_domain_error(form, error)
        return None
    if earlier.user_id == request.user.pk and earlier.content_hash == content:
        return HttpResponseRedirect(earlier.result_url)
    request.fresh_request_key = True  # type: ignore[attr-defined]
    form.add_error(None, _reused_message(earlier, request))
    return None


def answers_again(view: View) -> View:
    """A page that is another one after its form has acted: the same form sent again leads to the first result.

    For pages whose object or question is gone by then, so that ``submit`` would never be asked.
    """

    @wraps(view)
    def asked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        key = read_key(request) if request.method == "POST" else None
        earlier = RequestKey.objects.filter(pk=key).first() if key else None
        is_his = earlier is not None and earlier.user_id == request.user.pk
        if earlier is not None and is_his and earlier.content_hash == content_hash(request):
            return HttpResponseRedirect(earlier.result_url)
        return view(request, *args, **kwargs)

    return asked


def _act_once(request: HttpRequest, key: uuid.UUID, content: str, act: Callable[[uuid.UUID], str]) -> RequestKey:
    """Act and write the key in one transaction: whoever comes second fails on the key, or on what the first did.

    The key is looked up only then, so that the first sending, which is nearly all of them, costs one statement.
    """
    try:
        with transaction.atomic():
            who: Any = request.user.pk  # a form with a key is sent by somebody who has signed in
            row = RequestKey(key=key, user_id=who, content_hash=content, result_url=act(key))
            row.save(force_insert=True)
            return row
    except (IntegrityError, DomainError):
        earlier = RequestKey.objects.filter(pk=key).first()
        if earlier is None:  # a refusal, or an integrity error of the act itself
            raise
        return earlier


def read_key(request: HttpRequest) -> uuid.UUID | None:
    try:
        return uuid.UUID(request.POST.get(FIELD, ""))
    except ValueError:
        return None


def content_hash(request: HttpRequest) -> str:
    """A hash of the address, all fields but the key and the token, and the bytes of uploaded files."""
    digest = hashlib.sha256(request.path.encode())
    for name in sorted(request.POST):
        if name not in _NOT_CONTENT:
            digest.update(repr((name, request.POST.getlist(name))).encode("utf-8", "surrogatepass"))
    for name in sorted(request.FILES):
        for upload in request.FILES.getlist(name):
            digest.update(repr((name, upload.name, upload.size)).encode("utf-8", "surrogatepass"))
            for chunk in upload.chunks():
                digest.update(chunk)
            upload.seek(0)
    return digest.hexdigest()


def add_domain_error(form: BaseForm, error: DomainError) -> None:
    """Put every message of the error at its field, or on top of the form."""
    field = error.field if error.field in form.fields else None
    for message in error.messages:
        form.add_error(field, message)


def _reused_message(earlier: RequestKey, request: HttpRequest) -> Any:
    if earlier.user_id != request.user.pk:
        return _("This page was too old to send. Check what you typed and send it again.")
    return format_html(
        '{} <a href="{}">{}</a>',
        _("This form was already saved with other content. Send it again only if you mean a second entry."),
        earlier.result_url,
        _("Show what was saved"),
    )
