"""Who brought whom: the first touch for ever, the last for conversions, the kit once."""

import uuid
from datetime import date, timedelta

import pytest

from core.commands import scope
from core.models import Event
from members.accounts import services as accounts
from members.accounts.rules import ConsentGiven
from members.channels import services
from members.channels.models import Attribution, Scan, Welcome
from members.channels.selectors.attribution import get_credit
from members.channels.services.member_data import ChannelData
from members.points.models import PointsAccount, PointsEntry
from tests.factories.accounts import caller_of, make_member
from tests.factories.channels import make_channel, make_code, make_kit, scan, sign_in

pytestmark = pytest.mark.django_db
AGREED = [ConsentGiven("terms", "1"), ConsentGiven("privacy", "1")]


def join(member):
    return accounts.join(caller=caller_of(member), consents=AGREED)


def balance(member):
    return PointsAccount.objects.get(member=member).balance


def test_a_scan_is_joined_to_whoever_signs_in(clock):
    code = make_code()
    scan_id = scan(code)

    member = sign_in("mei", channel_code=code.code, scan_id=str(scan_id))

    assert Scan.objects.get().member == member
    found = Attribution.objects.get()
    assert (found.member, found.first_code, found.last_code, found.is_acquired) == (member, code, code, True)
    assert (found.signed_in_on, found.joined_on) == (date(2026, 11, 22), None)
    assert list(Event.objects.filter(topic="channels.scanned").values_list("member_id", "payload__scan_id")) == [
        (member.pk, str(scan_id))
    ]


def test_signing_in_again_with_the_same_scan_changes_nothing(clock):
    code = make_code()
    launch = {"channel_code": code.code, "scan_id": str(scan(code))}
    sign_in("mei", **launch)
    sign_in("mei", **launch)

    assert Scan.objects.count() == Attribution.objects.count() == 1
    assert Event.objects.filter(topic="channels.scanned").count() == 1


def test_a_scan_that_was_never_reported_is_made_at_sign_in_once(clock):
    code = make_code()
    for _ in range(2):
        member = sign_in("mei", channel_code=code.code, scancode_time=1_795_309_200, launch_scene=1011)

    made = Scan.objects.get()
    assert (made.member, made.via, made.scene, made.code) == (member, "sign_in", 1011, code)
    assert made.claimed_at is not None
    assert made.claimed_at.timestamp() == 1_795_309_200


def test_somebody_elses_scan_id_is_not_taken_over(clock):
    code = make_code()
    launch = {"channel_code": code.code, "scan_id": str(scan(code))}
    first, second = sign_in("mei", **launch), sign_in("lan", **launch)

    assert list(Scan.objects.order_by("id").values_list("member_id", flat=True)) == [first.pk, second.pk]
    assert Attribution.objects.count() == 2


@pytest.mark.parametrize(
    "launch", [{}, {"channel_code": "wrong"}, {"channel_code": "000000000"}, {"scan_id": str(uuid.uuid4())}]
)
def test_a_launch_without_a_code_of_ours_changes_nothing(launch, clock):
    sign_in("mei", **launch)

    assert not Scan.objects.exists()
    assert not Attribution.objects.exists()


def test_the_first_touch_stays_and_the_last_one_moves(clock):
    first, second = make_code(name="包裹卡"), make_code(name="海报")
    sign_in("mei", channel_code=first.code, scan_id=str(scan(first)))
    clock.advance(days=3)
    member = sign_in("mei", channel_code=second.code, scan_id=str(scan(second)))

    found = Attribution.objects.get()
    assert (found.first_code, found.last_code) == (first, second)
    found_credits = [get_credit(member.pk, at=clock.now + timedelta(days=days)) for days in (7, 8)]
    assert [credit and credit.code_id for credit in found_credits] == [second.pk, first.pk]
    assert get_credit(0, at=clock.now) is None


def test_an_older_scan_does_not_become_the_last_touch(clock):
    first, second = make_code(), make_code()
    older = scan(first)
    clock.advance(days=1)
    sign_in("mei", channel_code=second.code, scan_id=str(scan(second)))
    sign_in("mei", channel_code=first.code, scan_id=str(older))

    assert Attribution.objects.get().last_code == second


def test_joining_gives_the_kit_of_the_first_touch_once(clock):
    code = make_code(welcome_kit=make_kit(100))
    member = sign_in("mei", channel_code=code.code, scan_id=str(scan(code)))
    join(member)
    join(member)

    assert balance(member) == 100
    assert Welcome.objects.get().member == member
    assert PointsEntry.objects.get().source_kind == "channels.welcome"
    assert Event.objects.get(topic="channels.welcomed").member_id == member.pk
    assert Attribution.objects.get().joined_on == date(2026, 11, 22)


def test_the_kit_of_a_level_above_holds_below_until_one_has_its_own(clock):
    above = make_channel(kind="platform", welcome_kit=make_kit(5, name="平台"))
    plain, own = make_channel(parent=above), make_channel(parent=above, welcome_kit=make_kit(7, name="自己的"))
    for name, channel, points in (("mei", plain, 5), ("lan", own, 7)):
        member = sign_in(name, channel_code=make_code(channel).code)
        join(member)

        assert balance(member) == points


def test_without_a_kit_of_the_first_touch_the_last_one_within_a_week_gives_its_own(clock):
    plain, rich = make_code(), make_code(welcome_kit=make_kit(9))
    sign_in("mei", channel_code=plain.code)
    clock.advance(days=1)
    member = sign_in("mei", channel_code=rich.code)
    clock.advance(days=7)
    join(member)

    assert balance(member) == 9


@pytest.mark.parametrize("change", [{"state": "paused"}, {"state": "closed"}, {"welcome_kit": None}])
def test_no_kit_from_a_channel_that_was_stopped(change, clock):
    code = make_code(welcome_kit=make_kit(100))
    member = sign_in("mei", channel_code=code.code)
    type(code.batch.channel).objects.update(**change)
    join(member)

    assert not Welcome.objects.exists()
    assert not PointsEntry.objects.exists()


def test_a_promise_is_kept_when_the_channel_ended_meanwhile(clock):
    code = make_code(welcome_kit=make_kit(100), ends_at=clock.now + timedelta(hours=1))
    member = sign_in("mei", channel_code=code.code)
    clock.advance(days=1)
    join(member)

    assert balance(member) == 100


def test_who_was_a_member_before_is_not_brought_by_a_later_scan(clock):
    code = make_code(welcome_kit=make_kit(100))
    member = make_member(openid="demo-mei")
    sign_in("mei", channel_code=code.code, scan_id=str(scan(code)))
    services.count_all()

    assert not Attribution.objects.get(member=member).is_acquired
    assert not Welcome.objects.exists()


def test_joining_never_fails_for_a_gift_that_cannot_be_given(clock):
    kit = make_kit(100)
    kit.rewards = [{"kind": "gone"}, {"kind": "points", "points": 3}]
    kit.save()
    member = sign_in("mei", channel_code=make_code(welcome_kit=kit).code)
    join(member)

    assert balance(member) == 3


def test_two_merged_accounts_were_brought_once(clock):
    code, other = make_code(), make_code()
    source, target = sign_in("mei", channel_code=code.code), sign_in("lan", channel_code=other.code)
    services.count_all()
    with scope():
        ChannelData.merge(source_id=source.pk, target_id=target.pk)
    services.count_all()

    assert Attribution.objects.get(member=target).first_code == other
    assert Attribution.objects.get(member=source).is_excluded
    assert set(Scan.objects.values_list("member_id", flat=True)) == {target.pk}


def test_a_merge_into_somebody_without_a_channel_takes_it_along(clock):
    source, target = sign_in("mei", channel_code=make_code().code), sign_in("lan")
    with scope():
        ChannelData.merge(source_id=source.pk, target_id=target.pk)

    assert Attribution.objects.get().member == target


def test_export_and_erasure(clock):
    code = make_code(welcome_kit=make_kit(1))
    member = sign_in("mei", channel_code=code.code, scan_id=str(scan(code, device="phone", address="192.0.2.7")))
    join(member)
    exported = ChannelData.export(member.pk)
    with scope():
        ChannelData.erase(member.pk)

    assert exported["first_code"] == exported["last_code"] == code.code
    assert exported["scans"] == [{"code": code.code, "scanned_at": "2026-11-22T09:00:00+08:00"}]
    assert exported["welcome_kits"] == [{"kit": "见面礼", "given_at": "2026-11-22T09:00:00+08:00"}]
    assert list(Scan.objects.values_list("device", "address", "claimed_at")) == [("", None, None)]
