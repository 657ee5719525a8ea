"""Who holds what."""

from django.urls import path

from spareparts.views import holdings, my_parts

urlpatterns = [
    path("my/parts/", my_parts.my_parts, name="my_parts"),
    path("my/parts/all/", my_parts.my_holdings, name="my_holdings"),
    path("my/parts/collect/", my_parts.my_collect, name="my_collect"),
    path("my/parts/moves/", my_parts.my_moves, name="my_moves"),
    path("my/parts/statement/", my_parts.my_statement, name="my_statement"),
    path("holdings/", holdings.holdings, name="holdings"),
    path("holdings/move/", holdings.holdings_move, name="holdings_move"),
    path("holdings/parts/", holdings.held_parts, name="held_parts"),
    path("holdings/<slug:what>.<slug:format_name>", holdings.holdings_export, name="holdings_export"),
    path("holdings/<int:pk>/", holdings.engineer_holdings, name="engineer_holdings"),
    path("holdings/<int:pk>/moves/", my_parts.engineer_moves, name="engineer_moves"),
    path("holdings/<int:pk>/statement/", my_parts.engineer_statement, name="engineer_statement"),
]
