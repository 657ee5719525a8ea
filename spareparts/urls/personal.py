"""Hand-over, loss, purchase, count, absence."""

from django.urls import path

from spareparts.views import (
    absences,
    counts,
    hand_over_answers,
    hand_overs,
    holding_moves,
    losses,
    personal_lists,
    purchases,
)

urlpatterns = [
    path("hand-overs/", personal_lists.hand_overs, name="hand_overs"),
    path("hand-overs/new/", hand_overs.hand_over_new, name="hand_over_new"),
    path("hand-overs/ask/", hand_overs.hand_over_ask, name="hand_over_ask"),
    path("hand-overs/everything/", hand_overs.hand_over_everything, name="hand_over_everything"),
    path("hand-overs/<int:pk>/", hand_overs.hand_over, name="hand_over"),
    path("hand-overs/<int:pk>/accept/", hand_over_answers.hand_over_accept, name="hand_over_accept"),
    path("hand-overs/<int:pk>/offer/", hand_over_answers.hand_over_offer, name="hand_over_offer"),
    path("hand-overs/<int:pk>/decline/", hand_over_answers.hand_over_decline, name="hand_over_decline"),
    path("hand-overs/<int:pk>/withdraw/", hand_over_answers.hand_over_withdraw, name="hand_over_withdraw"),
    path("hand-overs/<int:pk>/lapse/", hand_over_answers.hand_over_lapse, name="hand_over_lapse"),
    path("hand-overs/<int:pk>/undo/", hand_over_answers.hand_over_undo, name="hand_over_undo"),
    path("holdings/<int:pk>/move/everything/", holding_moves.hand_over_everything_of, name="hand_over_everything_of"),
    path("losses/", personal_lists.losses, name="losses"),
    path("losses/new/", losses.loss_new, name="loss_new"),
    path("losses/<int:pk>/", losses.loss, name="loss"),
    path("losses/<int:pk>/undo/", losses.loss_undo, name="loss_undo"),
    path("losses/<int:pk>/photo/", losses.loss_photo, name="loss_photo"),
    path("purchases/", personal_lists.purchases, name="purchases"),
    path("purchases/new/", purchases.purchase_new, name="purchase_new"),
    path("purchases/<int:pk>/", purchases.purchase, name="purchase"),
    path("purchases/<int:pk>/undo/", purchases.purchase_undo, name="purchase_undo"),
    path("purchases/<int:pk>/photo/", purchases.purchase_photo, name="purchase_photo"),
    path("counts/", personal_lists.counts, name="counts"),
    path("counts/new/", counts.count_new, name="count_new"),
    path("counts/<int:pk>/", counts.count, name="count"),
    path("counts/<int:pk>/cancel/", counts.count_cancel, name="count_cancel"),
    path("counts/<int:pk>/approve/", counts.count_approve, name="count_approve"),
    path("counts/<int:pk>/reject/", counts.count_reject, name="count_reject"),
    path("absences/", absences.absences, name="absences"),
    path("absences/<int:pk>/cancel/", absences.absence_cancel, name="absence_cancel"),
]
