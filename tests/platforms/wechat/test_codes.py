"""Mini-program codes: fetched once, refused by their number, within the platform's limit."""

import io

import pytest
import zxingcpp
from django.db import transaction
from PIL import Image

from core.errors import DomainError
from core.limits import Limit
from platforms.wechat import errors
from platforms.wechat.models import MiniProgramCode
from platforms.wechat.services import codes, mini_program_code
from platforms.wechat.services.calls import CallInTransaction
from tests.platforms.wechat.conftest import APP

pytestmark = pytest.mark.django_db
CODE = "/wxa/getwxacodeunlimit"


def fetch(scene="8HK3V9QPX", page="pages/gift/index", width=430, **more):
    return mini_program_code(APP, scene, page, width, **more)


def test_the_picture_leads_to_the_page_with_the_scene(wechat):
    picture = Image.open(io.BytesIO(fetch()))

    assert picture.format == "JPEG"
    read = zxingcpp.read_barcode(picture)
    assert read
    assert read.text == "wxacode:pages/gift/index?scene=8HK3V9QPX"
    assert wechat.requests(CODE)[0].body == {
        "scene": "8HK3V9QPX", "page": "pages/gift/index", "width": 430, "env_version": "release", "check_path": True,
    }  # fmt: skip


def test_the_same_code_is_fetched_once(wechat, django_assert_num_queries):
    first = fetch()
    with django_assert_num_queries(1):
        assert fetch() == first

    assert len(wechat.requests(CODE)) == 1


def test_everything_that_shows_makes_another_code(wechat):
    for more in ({}, {"scene": "8HK3V9QPY"}, {"page": ""}, {"width": 600}, {"env_version": "trial"}):
        fetch(**more)

    assert MiniProgramCode.objects.count() == len(wechat.requests(CODE)) == 5


@pytest.mark.parametrize(
    ("errcode", "kind"),
    [(40169, errors.SceneInvalid), (41030, errors.PageUnpublished), (40189, errors.WidthInvalid),
     (40097, errors.ArgumentsInvalid), (45009, errors.QuotaUsedUp), (48001, errors.Misconfigured), (1, errors.Refused)],
)  # fmt: skip
def test_a_refusal_is_told_by_its_number_and_leaves_nothing(wechat, errcode, kind):
    wechat.fail(CODE, errcode)

    with pytest.raises(kind) as refused:
        fetch()

    assert issubclass(kind, DomainError)
    assert (refused.value.errcode, len(wechat.requests(CODE))) == (errcode, 1)
    assert not MiniProgramCode.objects.exists()


def test_a_page_that_is_not_published_is_refused_but_may_be_tried_out(wechat):
    with pytest.raises(errors.PageUnpublished):
        fetch(page="pages/new/index")

    assert fetch(page="pages/new/index", env_version="trial")


def test_what_cannot_be_drawn_and_an_unknown_app_do_not_reach_wechat(wechat):
    with pytest.raises(errors.SceneInvalid):
        fetch(scene="礼品")
    with pytest.raises(errors.UnknownApp):
        mini_program_code("wxfedcba9876543210", "a", "", 430)

    assert wechat.journal == []


def test_busy_is_asked_three_times(wechat):
    wechat.fail(CODE, -1, -1)
    assert fetch()
    wechat.fail(CODE, -1, -1, -1)
    with pytest.raises(errors.Unavailable):
        fetch("other")

    assert len(wechat.requests(CODE)) == 6


def test_we_stay_below_the_platforms_limit(wechat, monkeypatch):
    monkeypatch.setattr(codes, "FETCHES", Limit("wechat-codes", "app", per_minute=60, burst=2))
    fetch("a")
    fetch("b")

    with pytest.raises(errors.TooOften) as refused:
        fetch("c")
    assert refused.value.retry_after == 1
    assert fetch("a")  # what is kept costs nothing
    assert len(wechat.requests(CODE)) == 2


def test_our_limit_is_below_the_platforms():
    assert codes.FETCHES.per_minute + codes.FETCHES.burst < 5000


def test_json_that_is_no_refusal_is_no_picture(wechat):
    wechat.fail(CODE, 0)

    with pytest.raises(errors.Unavailable):
        fetch()


def test_nothing_is_fetched_inside_a_transaction(wechat):
    with pytest.raises(CallInTransaction), transaction.atomic():
        fetch()

    assert wechat.journal == []
