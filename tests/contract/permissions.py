"""Who may open what: the answer of every address to every person, written by hand (S1).

One line per address, object, method and state of the plugin. The objects are those of world.py: ``mine`` is Jana's, so
Tom's column says what a stranger gets. The answers: ``in`` sign in first, ``302`` goes on to another page, ``200``
shown, ``403`` refused, ``404`` does not exist for him, ``405`` the page knows no such method. A POST is empty: 200 is
the form again with what is missing.

``off`` lines say what differs when spare parts management is turned off; an address without one answers the same.
"""

from dataclasses import dataclass

from tests.contract.world import PEOPLE

# address                        object      method    anon Jana Tom  Karl Lin  Eva  Ada  Oskar left
PAGES = """
spareparts:home                  -           GET       in   302  302  302  302  302  302  302  in
spareparts:home                  -           POST      405  405  405  405  405  405  405  405  405
spareparts:search                -           GET       in   200  200  200  200  200  200  200  in
spareparts:search                -           POST      in   405  405  405  405  405  405  405  in
spareparts:settings              -           GET       in   403  403  403  403  403  200  403  in
spareparts:settings              -           POST      in   403  403  403  403  403  200  403  in
spareparts:settings_mode         -           GET       in   403  403  403  403  403  302  403  in
spareparts:settings_mode         -           POST      in   403  403  403  403  403  302  403  in
spareparts:record_use            job         GET       in   200  404  403  403  200  200  403  in
spareparts:record_use            job         POST      in   200  404  403  403  200  200  403  in
spareparts:record_use            job         GET-off   in   403  403  403  403  403  403  403  in
spareparts:record_use            job         POST-off  in   403  403  403  403  403  403  403  in
spareparts:use_search            job         GET       in   200  404  403  403  200  200  403  in
spareparts:use_search            job         POST      in   405  405  403  403  405  405  403  in
spareparts:use_search            job         GET-off   in   403  403  403  403  403  403  403  in
spareparts:use_search            job         POST-off  in   403  403  403  403  403  403  403  in
spareparts:consumption           used        GET       in   200  404  200  200  200  200  200  in
spareparts:consumption           used        POST      in   405  405  405  405  405  405  405  in
spareparts:consumption           used        GET-off   in   403  403  403  403  403  403  403  in
spareparts:consumption           used        POST-off  in   403  403  403  403  403  403  403  in
spareparts:consumption_undo      used        GET       in   200  404  403  403  200  200  403  in
spareparts:consumption_undo      used        POST      in   200  404  403  403  200  200  403  in
spareparts:consumption_undo      used        GET-off   in   403  403  403  403  403  403  403  in
spareparts:consumption_undo      used        POST-off  in   403  403  403  403  403  403  403  in
spareparts:consumption_correct   used        GET       in   403  403  403  403  200  200  403  in
spareparts:consumption_correct   used        POST      in   403  403  403  403  200  200  403  in
spareparts:consumption_correct   used        GET-off   in   403  403  403  403  403  403  403  in
spareparts:consumption_correct   used        POST-off  in   403  403  403  403  403  403  403  in
spareparts:equipment_parts       machine     GET       in   200  404  200  200  200  200  200  in
spareparts:equipment_parts       machine     POST      in   405  405  405  405  405  405  405  in
spareparts:equipment_parts       machine     GET-off   in   403  403  403  403  403  403  403  in
spareparts:equipment_parts       machine     POST-off  in   403  403  403  403  403  403  403  in
spareparts:equipment_part_add    machine     GET       in   403  403  403  403  200  200  403  in
spareparts:equipment_part_add    machine     POST      in   403  403  403  403  200  200  403  in
spareparts:equipment_part_add    machine     GET-off   in   403  403  403  403  403  403  403  in
spareparts:equipment_part_add    machine     POST-off  in   403  403  403  403  403  403  403  in
spareparts:equipment_part_edit   entry       GET       in   403  403  403  403  200  200  403  in
spareparts:equipment_part_edit   entry       POST      in   403  403  403  403  200  200  403  in
spareparts:equipment_part_edit   entry       GET-off   in   403  403  403  403  403  403  403  in
spareparts:equipment_part_edit   entry       POST-off  in   403  403  403  403  403  403  403  in
spareparts:equipment_part_out    entry       GET       in   403  403  403  403  200  200  403  in
spareparts:equipment_part_out    entry       POST      in   403  403  403  403  200  200  403  in
spareparts:equipment_part_out    entry       GET-off   in   403  403  403  403  403  403  403  in
spareparts:equipment_part_out    entry       POST-off  in   403  403  403  403  403  403  403  in
spareparts:use_report            -           GET       in   403  403  200  200  200  200  200  in
spareparts:use_report            -           POST      in   403  403  405  405  405  405  405  in
spareparts:use_report            -           GET-off   in   403  403  403  403  403  403  403  in
spareparts:use_report            -           POST-off  in   403  403  403  403  403  403  403  in
spareparts:use_lines             -           GET       in   403  403  200  200  200  200  200  in
spareparts:use_lines             -           POST      in   403  403  405  405  405  405  405  in
spareparts:use_lines             -           GET-off   in   403  403  403  403  403  403  403  in
spareparts:use_lines             -           POST-off  in   403  403  403  403  403  403  403  in
spareparts:use_export            report      GET       in   403  403  200  200  200  200  200  in
spareparts:use_export            report      POST      in   403  403  405  405  405  405  405  in
spareparts:use_export            report      GET-off   in   403  403  403  403  403  403  403  in
spareparts:use_export            report      POST-off  in   403  403  403  403  403  403  403  in

workorders:me                    -           GET       in   200  200  200  200  200  200  200  in
workorders:me                    -           POST      in   200  200  200  200  200  200  200  in
workorders:sign_out_elsewhere    -           GET       405  405  405  405  405  405  405  405  405
workorders:sign_out_elsewhere    -           POST      in   302  302  302  302  302  302  302  in
workorders:my_jobs               -           GET       in   200  200  403  403  403  403  403  in
workorders:my_jobs               -           POST      in   200  200  403  403  403  403  403  in
workorders:work_orders           -           GET       in   200  200  200  200  200  200  200  in
workorders:work_orders           -           POST      in   200  200  200  200  200  200  200  in
workorders:dispatch              -           GET       in   403  403  403  403  200  200  403  in
workorders:dispatch              -           POST      in   403  403  403  403  200  200  403  in
workorders:work_order_new        -           GET       in   403  403  403  403  200  200  403  in
workorders:work_order_new        -           POST      in   403  403  403  403  200  200  403  in
workorders:work_order            job         GET       in   200  404  200  200  200  200  200  in
workorders:work_order            job         POST      in   200  404  200  200  200  200  200  in
workorders:work_order_edit       job         GET       in   403  403  403  403  200  200  403  in
workorders:work_order_edit       job         POST      in   403  403  403  403  200  200  403  in
workorders:work_order_assign     job         GET       in   403  403  403  403  200  200  403  in
workorders:work_order_assign     job         POST      in   403  403  403  403  200  200  403  in
workorders:work_order_plan       job         GET       in   403  403  403  403  200  200  403  in
workorders:work_order_plan       job         POST      in   403  403  403  403  200  200  403  in
workorders:work_order_start      job         GET       in   200  404  403  403  200  200  403  in
workorders:work_order_start      job         POST      in   200  404  403  403  200  200  403  in
workorders:work_order_hold       job         GET       in   200  404  403  403  200  200  403  in
workorders:work_order_hold       job         POST      in   200  404  403  403  200  200  403  in
workorders:work_order_resume     job         GET       in   200  404  403  403  200  200  403  in
workorders:work_order_resume     job         POST      in   200  404  403  403  200  200  403  in
workorders:work_order_complete   job         GET       in   200  404  403  403  200  200  403  in
workorders:work_order_complete   job         POST      in   200  404  403  403  200  200  403  in
workorders:work_order_cancel     job         GET       in   403  403  403  403  200  200  403  in
workorders:work_order_cancel     job         POST      in   403  403  403  403  200  200  403  in
workorders:work_order_reopen     done        GET       in   403  403  403  403  200  200  403  in
workorders:work_order_reopen     done        POST      in   403  403  403  403  200  200  403  in
workorders:customers             -           GET       in   200  200  200  200  200  200  200  in
workorders:customers             -           POST      in   200  200  200  200  200  200  200  in
workorders:customer_new          -           GET       in   403  403  403  403  200  200  403  in
workorders:customer_new          -           POST      in   403  403  403  403  200  200  403  in
workorders:customer              customer    GET       in   200  404  200  200  200  200  200  in
workorders:customer              customer    POST      in   200  404  200  200  200  200  200  in
workorders:customer_edit         customer    GET       in   403  403  403  403  200  200  403  in
workorders:customer_edit         customer    POST      in   403  403  403  403  200  200  403  in
workorders:site_new              customer    GET       in   403  403  403  403  200  200  403  in
workorders:site_new              customer    POST      in   403  403  403  403  200  200  403  in
workorders:equipment_new         customer    GET       in   403  403  403  403  200  200  403  in
workorders:equipment_new         customer    POST      in   403  403  403  403  200  200  403  in
workorders:site_edit             site        GET       in   403  403  403  403  200  200  403  in
workorders:site_edit             site        POST      in   403  403  403  403  200  200  403  in
workorders:equipment_list        -           GET       in   200  200  200  200  200  200  200  in
workorders:equipment_list        -           POST      in   200  200  200  200  200  200  200  in
workorders:equipment             machine     GET       in   200  404  200  200  200  200  200  in
workorders:equipment             machine     POST      in   200  404  200  200  200  200  200  in
workorders:equipment_edit        machine     GET       in   403  403  403  403  200  200  403  in
workorders:equipment_edit        machine     POST      in   403  403  403  403  200  200  403  in

inventory:parts                  -           GET       in   200  200  200  200  200  200  200  in
inventory:parts                  -           POST      in   200  200  200  200  200  200  200  in
inventory:part_search            -           GET       in   200  200  200  200  200  200  200  in
inventory:part_search            -           POST      in   200  200  200  200  200  200  200  in
inventory:parts_export           -           GET       in   200  200  200  200  200  200  200  in
inventory:parts_export           -           POST      in   405  405  405  405  405  405  405  in
inventory:part                   part        GET       in   200  200  200  200  200  200  200  in
inventory:part                   part        POST      in   200  200  200  200  200  200  200  in
inventory:part_image             part        GET       in   404  404  404  404  404  404  404  in
inventory:part_image             part        POST      in   405  405  405  405  405  405  405  in
inventory:part_import            -           GET       in   403  403  200  200  403  200  403  in
inventory:part_import            -           POST      in   403  403  200  200  403  200  403  in

imports:start                    parts       GET       in   403  403  200  200  403  200  403  in
imports:start                    parts       POST      in   403  403  200  200  403  200  403  in
imports:start                    customers   GET       in   403  403  403  403  200  200  403  in
imports:start                    customers   POST      in   403  403  403  403  200  200  403  in
imports:start                    sites       GET       in   403  403  403  403  200  200  403  in
imports:start                    equipment   GET       in   403  403  403  403  200  200  403  in
imports:start                    work-orders GET       in   403  403  403  403  200  200  403  in
imports:example                  parts       GET       in   403  403  200  200  403  200  403  in
imports:example                  parts       POST      in   403  403  405  405  403  405  403  in
imports:export                   parts       GET       in   403  403  200  200  403  200  403  in
imports:export                   parts       POST      in   403  403  405  405  403  405  403  in
imports:columns                  upload      GET       in   403  403  404  404  403  200  403  in
imports:columns                  upload      POST      in   403  403  404  404  403  200  403  in
imports:preview                  upload      GET       in   403  403  404  404  403  302  403  in
imports:preview                  upload      POST      in   403  403  404  404  403  302  403  in
imports:progress                 upload      GET       in   403  403  404  404  403  200  403  in
imports:progress                 upload      POST      in   403  403  405  405  403  405  403  in
imports:problems                 upload      GET       in   403  403  404  404  403  404  403  in
imports:problems                 upload      POST      in   403  403  404  404  403  405  403  in
imports:result                   upload      GET       in   403  403  404  404  403  404  403  in
imports:result                   upload      POST      in   403  403  405  405  403  405  403  in

account_login                    -           GET       200  302  302  302  302  302  302  302  200
account_login                    -           POST      200  302  302  302  302  302  302  302  200
account_logout                   -           GET       in   200  200  200  200  200  200  200  in
account_logout                   -           POST      in   in   in   in   in   in   in   in   in
account_inactive                 -           GET       200  200  200  200  200  200  200  200  200
account_inactive                 -           POST      405  405  405  405  405  405  405  405  405
account_signup                   -           GET       200  302  302  302  302  302  302  302  200
account_signup                   -           POST      200  302  302  302  302  302  302  302  200
account_reauthenticate           -           GET       in   200  200  200  200  200  200  200  in
account_reauthenticate           -           POST      in   200  200  200  200  200  200  200  in
account_change_password          -           GET       in   200  200  200  200  200  200  200  in
account_change_password          -           POST      in   200  200  200  200  200  200  200  in
account_set_password             -           GET       302  302  302  302  302  302  302  302  302
account_set_password             -           POST      302  302  302  302  302  302  302  302  302
account_reset_password           -           GET       200  200  200  200  200  200  200  200  200
account_reset_password           -           POST      200  200  200  200  200  200  200  200  200
account_reset_password_done      -           GET       200  200  200  200  200  200  200  200  200
account_reset_password_done      -           POST      405  405  405  405  405  405  405  405  405
account_reset_password_from_key  badlink     GET       200  200  200  200  200  200  200  200  200
account_reset_password_from_key  badlink     POST      200  200  200  200  200  200  200  200  200
account_reset_password_from_key_done -       GET       200  200  200  200  200  200  200  200  200
account_reset_password_from_key_done -       POST      405  405  405  405  405  405  405  405  405
mfa_index                        -           GET       in   200  200  200  200  200  200  200  in
mfa_index                        -           POST      in   405  405  405  405  405  405  405  in
mfa_authenticate                 -           GET       in   302  302  302  302  302  302  302  in
mfa_authenticate                 -           POST      in   302  302  302  302  302  302  302  in
mfa_reauthenticate               -           GET       in   302  302  302  302  302  302  302  in
mfa_reauthenticate               -           POST      in   302  302  302  302  302  302  302  in
mfa_activate_totp                -           GET       in   302  302  302  302  302  302  302  in
mfa_activate_totp                -           POST      in   302  302  302  302  302  302  302  in
mfa_deactivate_totp              -           GET       in   404  404  404  404  404  404  404  in
mfa_deactivate_totp              -           POST      in   404  404  404  404  404  404  404  in
mfa_view_recovery_codes          -           GET       in   404  404  404  404  404  404  404  in
mfa_view_recovery_codes          -           POST      in   405  405  405  405  405  405  405  in
mfa_generate_recovery_codes      -           GET       in   302  302  302  302  302  302  302  in
mfa_generate_recovery_codes      -           POST      in   302  302  302  302  302  302  302  in
mfa_download_recovery_codes      -           GET       in   404  404  404  404  404  404  404  in
mfa_download_recovery_codes      -           POST      in   404  404  404  404  404  404  404  in
set_language                     -           GET       405  405  405  405  405  405  405  405  405
set_language                     -           POST      302  302  302  302  302  302  302  302  302
demo_sign_in                     -           GET       405  405  405  405  405  405  405  405  405
demo_sign_in                     -           POST      404  404  404  404  404  404  404  404  404
styleguide                       -           GET       404  404  404  404  404  404  404  404  404
styleguide                       -           POST      404  404  404  404  404  404  404  404  404
healthz                          -           GET       200  200  200  200  200  200  200  200  200
healthz                          -           POST      405  405  405  405  405  405  405  405  405
readyz                           -           GET       200  200  200  200  200  200  200  200  200
readyz                           -           POST      405  405  405  405  405  405  405  405  405
"""


@dataclass(frozen=True)
class Expected:
    """One line: what each of PEOPLE gets."""

    address: str
    target: str
    method: str
    is_on: bool
    answers: tuple[str, ...]

    def of(self, who: str) -> str:
        return self.answers[PEOPLE.index(who)]


def read(table: str) -> list[Expected]:
    lines = [line.split() for line in table.splitlines() if line.strip()]
    return [
        Expected(name, target, method.removesuffix("-off"), not method.endswith("-off"), tuple(answers))
        for name, target, method, *answers in lines
    ]


def for_state(table: str, *, is_on: bool) -> list[Expected]:
    """The lines of one state of the plugin; what has no line of its own for "off" answers as before."""
    rows = read(table)
    if is_on:
        return [row for row in rows if row.is_on]
    special = {(row.address, row.target, row.method): row for row in rows if not row.is_on}
    return [special.get((row.address, row.target, row.method), row) for row in rows if row.is_on]
