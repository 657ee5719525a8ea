"""Asking for parts."""

from django.urls import path

from spareparts.views import approvals, issues, requests, requisition_verbs, requisitions

verb = requisition_verbs.verb_view
urlpatterns = [
    path("requests/", requisitions.requisitions, name="requisitions"),
    path("requests/mine/", requisitions.my_requisitions, name="my_requisitions"),
    path("requests/new/", requests.requisition_new, name="requisition_new"),
    path("requests/parts/", requests.requisition_search, name="requisition_search"),
    path("requests/<int:pk>/", requisitions.requisition, name="requisition"),
    path("requests/<int:pk>/edit/", requests.requisition_edit, name="requisition_edit"),
    path("requests/<int:pk>/submit/", verb("submit"), name="requisition_submit"),
    path("requests/<int:pk>/withdraw/", verb("withdraw"), name="requisition_withdraw"),
    path("requests/<int:pk>/copy/", requisition_verbs.requisition_copy, name="requisition_copy"),
    path("requests/<int:pk>/approve/", approvals.requisition_approve, name="requisition_approve"),
    path("requests/<int:pk>/reject/", verb("reject"), name="requisition_reject"),
    path("requests/<int:pk>/forward/", verb("forward"), name="requisition_forward"),
    path("requests/<int:pk>/cancel-rest/", verb("cancel_rest"), name="requisition_cancel_rest"),
    path("requests/issues/<int:pk>/undo/", issues.issue_undo, name="issue_undo"),
    path("approvals/", approvals.approvals, name="approvals"),
]
