"""The days' sums: exact, once, corrected by differences, and checked against what they count."""

from datetime import date, timedelta

import pytest

from core import reconcile
from core.commands import scope
from core.models import StaffUser
from members.accounts import services as accounts
from members.accounts.models import Member
from members.channels import services
from members.channels.models import ChannelDay, Scan
from members.channels.selectors import figures
from members.stores import services as stores
from tests.factories.accounts import bearer, caller_of
from tests.factories.channels import make_code, make_kit, scan, sign_in
from tests.factories.checkins import make_check_in
from tests.members.channels.test_attribution import AGREED

pytestmark = pytest.mark.django_db
COLUMNS = ("scans", "unique_scans", "signed_in", "joined", "first_actions", "first_orders")


def count():
    services.count_all()
    return [tuple(row) for row in ChannelDay.objects.order_by("batch_id", "day").values_list(*COLUMNS)]


def findings():
    results = reconcile.run(["channels.scans", "channels.steps", "channels.uncounted", "channels.kits"])
    return [finding for result in results for finding in result.findings]


def test_scans_and_new_persons_are_counted_once(clock):
    code = make_code()
    for device in ("a", "a", "b"):
        scan(code, device=device)

    assert count() == [(3, 2, 0, 0, 0, 0)]
    assert count() == [(3, 2, 0, 0, 0, 0)]
    assert findings() == []


def test_a_scan_counted_before_its_person_was_known_is_corrected(clock):
    code = make_code()
    sign_in("mei", channel_code=code.code, scan_id=str(scan(code, device="a")))
    second = scan(code, device="b")
    assert count() == [(2, 2, 1, 0, 0, 0)]

    sign_in("mei", channel_code=code.code, scan_id=str(second))

    assert count() == [(2, 1, 1, 0, 0, 0)]
    assert findings() == []


def test_every_step_falls_on_its_own_day(client, clock):
    campaign, code = make_check_in(), make_code(welcome_kit=make_kit(100))
    member = sign_in("mei", channel_code=code.code, scan_id=str(scan(code, device="a")))
    clock.advance(days=1)
    accounts.join(caller=caller_of(member), consents=AGREED)
    clock.advance(days=1)
    answer = client.post(
        f"/api/v1/check-ins/{campaign.pk}/check-ins", {}, content_type="application/json", **bearer(member)
    )
    assert answer.status_code == 201, answer.json()
    clock.advance(days=1)
    with scope():
        assert services.note_first_order(member_id=member.pk, on=date(2026, 11, 25))
        assert not services.note_first_order(member_id=member.pk, on=date(2026, 11, 26))

    assert count() == [(1, 1, 1, 0, 0, 0), (0, 0, 0, 1, 0, 0), (0, 0, 0, 0, 1, 0), (0, 0, 0, 0, 0, 1)]
    assert ChannelDay.objects.get(day=date(2026, 11, 23)).gift_fen > 0
    assert findings() == []


def test_the_event_log_is_read_on_and_settles_after_five_minutes(client, clock):
    campaign, code = make_check_in(), make_code()
    count()
    for _ in range(3):
        clock.advance(minutes=6)
        count()
    member = sign_in("mei", channel_code=code.code)
    accounts.join(caller=caller_of(member), consents=AGREED)
    answer = client.post(
        f"/api/v1/check-ins/{campaign.pk}/check-ins", {}, content_type="application/json", **bearer(member)
    )
    assert answer.status_code == 201, answer.json()

    assert count() == [(1, 1, 1, 1, 1, 0)]


def test_insiders_and_tests_are_left_out_also_afterwards(clock):
    code = make_code()
    member = sign_in("mei", channel_code=code.code, scan_id=str(scan(code, device="a")))
    assert count() == [(1, 1, 1, 0, 0, 0)]

    link = stores.link_insider(user=StaffUser.objects.create_user("guide"), member=member)
    assert count() == [(0, 0, 0, 0, 0, 0)]
    scan(code, device="a")
    assert findings() == []

    stores.unlink_insider(link=link)
    count()
    assert ChannelDay.objects.get().signed_in == 1
    assert findings() == []


def test_a_test_account_is_never_counted(clock):
    code = make_code()
    sign_in("mei")
    Member.objects.update(is_test=True)
    sign_in("mei", channel_code=code.code, scan_id=str(scan(code)))

    assert count() == []
    assert list(Scan.objects.values_list("is_test", "pending")) == [(True, False)]


def test_a_row_that_was_tampered_with_is_found(clock):
    code = make_code()
    sign_in("mei", channel_code=code.code, scan_id=str(scan(code)))
    count()
    ChannelDay.objects.update(scans=5, joined=1)
    Scan.objects.update(counted=0)

    assert {finding.detail for finding in findings()} == {
        "row less detail: 5, 1", "row less detail: 0, 1, 0, 0, 0", "counted as 0",
    }  # fmt: skip


def test_a_kit_that_cannot_be_read_is_found(clock):
    kit = make_kit()
    kit.rewards = [{"kind": "gone"}]
    kit.save()

    assert [finding.subject for finding in findings()] == [f"channels:kit:{kit.pk}"]


def test_addresses_are_forgotten_after_ninety_days(clock):
    code = make_code()
    scan(code, address="192.0.2.7")
    clock.advance(days=90)
    scan(code, address="192.0.2.8")
    assert services.forget_addresses() == 0

    clock.advance(days=1)

    assert services.forget_addresses() == 1
    assert list(Scan.objects.order_by("id").values_list("address", flat=True)) == [None, "192.0.2.8"]


def test_the_dashboard_and_the_card(clock):
    code = make_code(name="包裹卡", welcome_kit=make_kit(name="见面礼"))
    member = sign_in("mei", channel_code=code.code)
    accounts.join(caller=caller_of(member), consents=AGREED)
    count()

    today = date(2026, 11, 22)
    assert figures.scans_by_day(today - timedelta(days=1), today) == [0, 1]
    assert [value for _label, value in figures.card_lines(member.pk)] == [
        "包裹卡 · 2026-11-22", "包裹卡 · 2026-11-22", "见面礼 · 2026-11-22",
    ]  # fmt: skip
    assert [value for _label, value in figures.card_lines(0)] == ["–"]
