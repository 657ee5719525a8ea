"""One English word, two Chinese ones: where they differ, the message says what it means."""

import pytest
from django.utils import translation
from django.utils.translation import gettext, pgettext

from config.shared.verbs import in_words
from inventory.enums import PostingReason, WarehouseStatus
from spareparts.enums import ConsumptionStatus
from workorders.enums import WORK_ORDER_TRANSITIONS, WorkOrderStatus, WorkOrderType


@pytest.fixture(autouse=True)
def in_chinese():
    with translation.override("zh-hans"):
        yield


def test_new() -> None:
    assert (gettext("New"), WorkOrderStatus.NEW.label) == ("新增", "新建")  # rows of a file, a job


def test_open() -> None:
    assert (WarehouseStatus.OPEN.label, pgettext("work orders", "Open")) == ("启用", "未完成")


def test_repair() -> None:
    assert (PostingReason.REPAIR.label, WorkOrderType.REPAIR.label) == ("返修", "维修")


def test_recorded() -> None:
    assert (ConsumptionStatus.RECORDED.label, pgettext("time", "Recorded")) == ("已登记", "登记时间")


def test_next() -> None:
    assert (gettext("Next"), pgettext("jobs", "Next")) == ("下一页", "接下来")


def test_what_may_be_done_and_what_was_done() -> None:
    assert (WORK_ORDER_TRANSITIONS["hold"].label, in_words("workorder.hold")) == ("暂停", "已暂停")
    assert (gettext("Planned"), in_words("workorder.plan")) == ("计划时间", "已安排时间")
    assert (gettext("Changed"), in_words("workorder.edit")) == ("更改", "已更改")
