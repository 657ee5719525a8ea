"""The objects that addresses with a key are tried with: Jana's, Tom's, and some that are nobody's."""

from typing import Any

from django.urls import reverse
from django.utils import timezone

from config.shared.imports import get_kind, run_import, store
from config.shared.imports.store import Upload
from tests.contract.world import Corner, World

NOBODY = 987_654_321
CSV = b"number,name\nNEW-1,New part\n"


def keys(target: str, world: World, corner: Corner | None = None) -> dict[str, Any]:
    """The arguments of the address for the word in the table: Jana's things, or those of ``corner``."""
    if target == "-":
        return {}
    if target.startswith("his-"):
        return _of_corner(world.his)[target.removeprefix("his-")]
    if target == "ready-upload":
        return {"kind": "parts", "token": ready_upload(world).token}
    return _of_corner(corner or world.mine).get(target) or _of_all(world)[target]


def _of_corner(corner: Corner) -> dict[str, dict[str, Any]]:
    return {
        "job": {"pk": corner.job.pk},
        "used": {"pk": corner.consumption.pk},
        "machine": {"pk": corner.equipment.pk},
        "entry": {"pk": corner.equipment.pk, "row_pk": corner.entry.pk},
        "customer": {"pk": corner.customer.pk},
        "site": {"pk": corner.site.pk},
    }


def _of_all(world: World) -> dict[str, dict[str, Any]]:
    kinds = ("parts", "customers", "sites", "equipment", "work-orders", "equipment_parts")
    return {
        "done": {"pk": world.done.pk},
        "new-job": {"pk": world.unassigned.pk},
        "part": {"pk": world.parts[0].pk},
        "report": {"what": "lines", "format_name": "csv"},
        "badlink": {"uidb36": "1", "key": "set-1"},
        "upload": {"kind": "parts", "token": upload_of(world, "ada").token},
        **{kind: {"kind": kind} for kind in kinds},
    }


def upload_of(world: World, who: str) -> Upload:
    """A file that ``who`` began to import; the same one for the length of the test."""
    if who not in world.uploads:
        world.uploads[who] = store.keep("parts", world.people[who].pk, "new.csv", CSV)
    return world.uploads[who]


def ready_upload(world: World) -> Upload:
    """Ada's file with its columns chosen and its dry run done: one press from being imported."""
    upload = upload_of(world, "ada")
    if upload.path.exists() and upload.mapping() is None:
        kind, mapping = get_kind("parts"), {0: "number", 1: "name"}
        assert kind is not None
        ada = world.people["ada"]
        report = run_import(kind, upload.sheet(), mapping, by=ada, at=timezone.now(), is_dry_run=True)
        upload.save_mapping(mapping)
        upload.save_report(report)
    return upload


def url(name: str, target: str, world: World, corner: Corner | None = None) -> str:
    return reverse(name, kwargs=keys(target, world, corner))
