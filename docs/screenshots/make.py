"""Remake the pictures beside this file: .venv/bin/python docs/screenshots/make.py [name …]

It makes a demo company in a folder of its own, serves it, signs in as the cast and photographs what they see. Needs the
development lock and a Chromium.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from urllib.request import urlopen

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
ADDRESS = "127.0.0.1:8471"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
MOST_BYTES = 200_000
COLOURS = 160

os.environ |= {"SPAREPARTS_ENV": "demo", "DJANGO_SETTINGS_MODULE": "config.settings"}
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # playwright runs a loop in this thread
VAR = Path(os.environ.setdefault("SPAREPARTS_VAR", tempfile.mkdtemp(prefix="spareparts-pictures-")))
sys.path.insert(0, str(ROOT))

import django  # noqa: E402

django.setup()

from django.urls import reverse  # noqa: E402
from PIL import Image  # noqa: E402
from playwright.sync_api import Browser, Page, sync_playwright  # noqa: E402

from workorders.models import WorkOrder  # noqa: E402

PHONE = {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 2, "has_touch": True, "is_mobile": True}
DESK = {"viewport": {"width": 1440, "height": 900}, "device_scale_factor": 1}
JOB = "WO-10411"


@dataclass(frozen=True)
class Picture:
    name: str
    who: str
    path: Callable[[], str]
    screen: dict[str, object]
    is_dark: bool = False
    prepare: Callable[[Page], None] = lambda page: None


def job(name: str) -> Callable[[], str]:
    return lambda: reverse(name, args=[WorkOrder.objects.get(number=JOB).pk])


def page_of(name: str, query: str = "") -> Callable[[], str]:
    return lambda: reverse(name) + query


def machine() -> str:
    equipment = WorkOrder.objects.get(number=JOB).equipment
    assert equipment is not None, JOB  # noqa: S101
    return equipment.get_absolute_url()


def use_two_parts(page: Page) -> None:
    """One more of the first two things held."""
    for line in range(2):
        page.locator("[data-line-row]").nth(line).get_by_role("button").nth(1).click()
    page.wait_for_timeout(400)  # the page scrolls to the line first
    page.evaluate("document.activeElement.blur(); window.scrollTo(0, 0)")


PICTURES = (
    Picture("my-parts-phone", "tom.berger", page_of("spareparts:my_parts"), PHONE),
    Picture("my-parts-phone-dark", "tom.berger", page_of("spareparts:my_parts"), PHONE, is_dark=True),
    Picture("requests-phone", "jana.novak", page_of("spareparts:my_requisitions"), PHONE),
    Picture("return-phone", "tom.berger", page_of("spareparts:return_new"), PHONE),
    Picture("desk", "karl.huber", page_of("spareparts:desk"), DESK),
    Picture("holdings", "eva.lang", page_of("spareparts:holdings"), DESK),
    Picture("holdings-dark", "eva.lang", page_of("spareparts:holdings"), DESK, is_dark=True),
    Picture("my-jobs-phone", "jana.novak", page_of("workorders:my_jobs"), PHONE),
    Picture("work-order-phone", "jana.novak", job("workorders:work_order"), PHONE),
    Picture("record-use-phone", "jana.novak", job("spareparts:record_use"), PHONE, prepare=use_two_parts),
    Picture("record-use-phone-dark", "jana.novak", job("spareparts:record_use"), PHONE, True, use_two_parts),
    Picture("my-jobs-phone-chinese", "chen.wei", page_of("workorders:my_jobs"), PHONE),
    Picture("work-orders", "eva.lang", page_of("workorders:work_orders"), DESK),
    Picture("dispatch", "eva.lang", page_of("workorders:dispatch"), DESK),
    Picture("machine", "eva.lang", machine, DESK),
    Picture("report", "eva.lang", page_of("spareparts:use_report", "?group=customer"), DESK),
    Picture("report-dark", "eva.lang", page_of("spareparts:use_report", "?group=month"), DESK, is_dark=True),
    Picture("settings", "ada.moser", page_of("spareparts:settings"), DESK),
)


def main(names: list[str]) -> None:
    chosen = [picture for picture in PICTURES if not names or picture.name in names]
    with served() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for picture in chosen:
            take(browser, address, picture)
        browser.close()


@contextmanager
def served() -> Iterator[str]:
    """The demo on its own address until the block ends."""
    command = [sys.executable, "manage.py", "demo", ADDRESS, "--fresh"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL) as process:  # noqa: S603  every word is ours
        try:
            wait_for(f"http://{ADDRESS}/healthz")
            yield f"http://{ADDRESS}"
        finally:
            process.terminate()


def wait_for(address: str, seconds: int = 90) -> None:
    until = time.monotonic() + seconds
    while True:
        try:
            urlopen(address, timeout=5).close()  # noqa: S310  our own address
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.5)
        else:
            return


def take(browser: Browser, address: str, picture: Picture) -> None:
    context = browser.new_context(**picture.screen, locale="en-GB", color_scheme="dark" if picture.is_dark else "light")
    page = context.new_page()
    page.goto(f"{address}{reverse('account_login')}")
    page.locator(f'button[value="{picture.who}@demo.example"]').click()
    page.wait_for_load_state()
    page.goto(f"{address}{picture.path()}")
    picture.prepare(page)
    page.wait_for_timeout(250)
    save(page.screenshot(), HERE / f"{picture.name}.png")
    context.close()


def save(shot: bytes, target: Path) -> None:
    """Few colours suffice for flat pages and keep the file small."""
    image = Image.open(BytesIO(shot)).convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    image.save(target, optimize=True)
    size = target.stat().st_size
    if size > MOST_BYTES:
        raise SystemExit(f"{target.name} has {size} bytes, more than {MOST_BYTES}.")


if __name__ == "__main__":
    main(sys.argv[1:])
