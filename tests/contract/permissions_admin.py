"""The Django admin: what each role may do with each model, written by hand (S1).

v look, a add, c change, d delete, - nothing. Jana, Tom and Eva do not open the admin at all. ``off`` says what is left
when spare parts management is turned off; ``simple`` is the mode, in which nobody keeps a warehouse.
"""

from dataclasses import dataclass

# model                          simple: Karl Lin  Ada  Oskar   off: Karl Lin  Ada  Oskar
MODELS = """
workorders.user                          -    -    vac  v            -    -    vac  v
workorders.team                          -    -    vacd v            -    -    vacd v
workorders.customer                      -    -    vacd v            -    -    vacd v
workorders.site                          -    -    vacd v            -    -    vacd v
workorders.equipmentmodel                -    -    vacd v            -    -    vacd v
workorders.equipment                     -    -    vacd v            -    -    vacd v
workorders.workorder                     -    -    v    v            -    -    v    v
inventory.part                           vac  vac  vacd v            vac  vac  vacd v
inventory.partcategory                   vac  vac  vacd v            vac  vac  vacd v
inventory.unit                           v    v    vacd v            v    v    vacd v
inventory.warehouse                      -    -    -    -            -    -    -    -
inventory.location                       -    -    v    v            -    -    v    v
inventory.lot                            v    v    v    v            v    v    v    v
inventory.posting                        -    -    v    v            -    -    v    v
inventory.move                           -    -    v    v            -    -    v    v
inventory.balance                        -    -    v    v            -    -    v    v
spareparts.sparepartssettings            -    -    v    v            -    -    v    v
spareparts.consumption                   -    -    v    v            -    -    -    -
spareparts.consumptionline               -    -    v    v            -    -    -    -
spareparts.equipmentpart                 -    -    v    v            -    -    -    -
spareparts.requisition                   -    -    -    -            -    -    -    -
spareparts.shipment                      -    -    -    -            -    -    -    -
spareparts.handover                      -    -    -    -            -    -    -    -
spareparts.lossreport                    -    -    -    -            -    -    -    -
spareparts.localpurchase                 -    -    -    -            -    -    -    -
spareparts.stockcount                    -    -    -    -            -    -    -    -
spareparts.return                        -    -    -    -            -    -    -    -
spareparts.oldpartdebt                   -    -    -    -            -    -    -    -
spareparts.warehouseterms                -    -    -    -            -    -    -    -
spareparts.holdinglimit                  -    -    -    -            -    -    -    -
spareparts.absence                       -    -    -    -            -    -    -    -
spareparts.servicebomline                -    -    -    -            -    -    -    -
shared.auditevent                        -    -    v    v            -    -    v    v
auth.group                               -    -    -    -            -    -    -    -
account.emailaddress                     -    -    -    -            -    -    -    -
mfa.authenticator                        -    -    -    -            -    -    -    -
"""

# What there is only where personal or warehouse inventory is kept: Simple refuses it above, Advanced grants this.
# model                        advanced: Karl Lin  Ada  Oskar
ADVANCED = """
spareparts.requisition                   -    -    v    v
spareparts.shipment                      -    -    v    v
spareparts.handover                      -    -    v    v
spareparts.lossreport                    -    -    v    v
spareparts.localpurchase                 -    -    v    v
spareparts.stockcount                    -    -    v    v
spareparts.return                        -    -    v    v
spareparts.oldpartdebt                   -    -    v    v
spareparts.warehouseterms                v    v    vacd v
spareparts.holdinglimit                  -    -    vacd v
spareparts.absence                       -    -    vacd v
spareparts.servicebomline                -    -    vacd v
"""

# The letter a person needs, and what he gets with it: (page, method) -> (letter, answer). Without it: 403.
ANSWERS = {
    ("changelist", "GET"): ("v", "200"),
    ("changelist", "POST"): ("v", "200"),
    ("add", "GET"): ("a", "200"),
    ("add", "POST"): ("a", "200"),
    ("change", "GET"): ("v", "200"),
    ("change", "POST"): ("c", "200"),
    ("delete", "GET"): ("d", "200"),
    ("delete", "POST"): ("d", "200"),
    ("history", "GET"): ("v", "200"),
    ("history", "POST"): ("v", "200"),
    ("simple_history", "GET"): ("v", "200"),
    ("simple_history", "POST"): ("x", "200"),  # an old version is never saved again: nobody holds this letter
    ("import", "GET"): ("a", "200"),
    ("import", "POST"): ("a", "200"),
    ("export", "GET"): ("v", "200"),
    ("export", "POST"): ("v", "200"),
}

# The pages of the admin that belong to no model.
# address                object      method anon Jana Tom  Karl Lin  Eva  Ada  Oskar left
PAGES = """
admin:index              -           GET    in   403  403  200  200  403  200  200  in
admin:index              -           POST   in   403  403  200  200  403  200  200  in
admin:login              -           GET    in   403  403  302  302  403  302  302  in
admin:login              -           POST   in   403  403  302  302  403  302  302  in
admin:logout             -           GET    302  403  403  405  405  403  405  405  302
admin:logout             -           POST   302  403  403  in   in   403  in   in   302
admin:password_change    -           GET    in   403  403  302  302  403  302  302  in
admin:password_change    -           POST   in   403  403  302  302  403  302  302  in
admin:password_change_done -         GET    in   403  403  200  200  403  200  200  in
admin:password_change_done -         POST   in   403  403  405  405  403  405  405  in
admin:autocomplete       -           GET    in   403  403  403  403  403  403  403  in
admin:autocomplete       -           POST   in   403  403  405  405  403  405  405  in
admin:jsi18n             -           GET    in   403  403  200  200  403  200  200  in
admin:jsi18n             -           POST   in   403  403  405  405  403  405  405  in
admin:app_list           workorders  GET    in   403  403  404  404  403  200  200  in
admin:app_list           inventory   GET    in   403  403  200  200  403  200  200  in
admin:app_list           mfa         GET    in   403  403  404  404  403  404  404  in
admin:view_on_site       customer-on-site GET in 403  403  302  302  403  302  302  in
admin:admin/(?P<url>.*)$       -           GET    in   403  403  404  404  403  404  404  in
"""

# One page per model that nobody links to: it goes on to the change page, which then asks for the right.
# Rows that are not among those he may see: even that they have a history is not said.
UNSEEN = {("inventory.warehouse", "karl"), ("inventory.warehouse", "lin")}
FORWARDS = "<path:object_id>/"
READERS = ("karl", "lin", "ada", "oskar")


@dataclass(frozen=True)
class Rights:
    """The letters of the people who may open the admin, for one model."""

    model: str
    simple: dict[str, str]
    off: dict[str, str]

    def answer(self, who: str, page: str, method: str, *, is_on: bool) -> str:
        if who in ("anonymous", "left"):
            return "in"
        letter, answer = ANSWERS[page, method]
        if letter in (self.simple if is_on else self.off).get(who, "-"):
            return answer
        is_unseen = (self.model, who) in UNSEEN and "history" in page and letter != "x"
        return "404" if is_unseen else "403"


def rights_in_advanced() -> list[Rights]:
    rows = [line.split() for line in ADVANCED.splitlines() if line.strip()]
    return [Rights(model, dict(zip(READERS, letters, strict=True)), {}) for model, *letters in rows]


def rights() -> list[Rights]:
    rows = [line.split() for line in MODELS.splitlines() if line.strip()]
    return [
        Rights(model, dict(zip(READERS, letters[:4], strict=True)), dict(zip(READERS, letters[4:], strict=True)))
        for model, *letters in rows
    ]
