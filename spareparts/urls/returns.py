"""Returns and old parts."""

from django.urls import path

from spareparts.views import debts, returns, returns_desk

urlpatterns = [
    path("returns/", returns.returns, name="returns"),
    path("returns/new/", returns.return_new, name="return_new"),
    path("returns/desk/", returns_desk.returns_desk, name="returns_desk"),
    path("returns/take-back/", returns_desk.take_back, name="take_back"),
    path("returns/<int:pk>/", returns.return_, name="return"),
    path("returns/<int:pk>/slip/", returns.return_slip, name="return_slip"),
    path("returns/<int:pk>/edit/", returns.return_edit, name="return_edit"),
    path("returns/<int:pk>/hand-over/", returns.return_hand_over, name="return_hand_over"),
    path("returns/<int:pk>/cancel/", returns.return_cancel, name="return_cancel"),
    path("returns/<int:pk>/check-in/", returns_desk.return_check_in, name="return_check_in"),
    path("returns/<int:pk>/confirm/", returns_desk.return_confirm, name="return_confirm"),
    path("returns/<int:pk>/undo/", returns_desk.return_undo, name="return_undo"),
    path("old-parts/", debts.old_parts, name="old_parts"),
    path("old-parts/mine/", debts.debts, name="debts"),
    path("old-parts/export.<slug:format_name>", debts.old_parts_export, name="old_parts_export"),
    path("old-parts/<int:pk>/", debts.debt, name="debt"),
    path("old-parts/<int:pk>/take-out/", debts.debt_take_out, name="debt_take_out"),
    path("old-parts/<int:pk>/ask/", debts.debt_ask, name="debt_ask"),
    path("old-parts/<int:pk>/decide/", debts.debt_decide, name="debt_decide"),
    path("old-parts/<int:pk>/photo/", debts.debt_photo, name="debt_photo"),
]
