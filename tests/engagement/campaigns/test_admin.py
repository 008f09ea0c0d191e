"""The admin of campaigns: a marketer's way from a template to a published campaign, and who may do what."""

import re

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse

from core.models import StaffUser
from engagement.campaigns import services
from engagement.campaigns.models import Campaign, CampaignVersion
from tests.engagement.campaigns.conftest import at

pytestmark = pytest.mark.django_db
LIST, ADD = "/admin/campaigns/campaign/", "/admin/campaigns/campaign/add/"


def url(campaign: Campaign, act: str = "") -> str:
    return f"/admin/campaigns/campaign/{campaign.pk}/{act or 'change'}/"


def hidden(html: str, name: str) -> str:
    return re.findall(rf'name="{name}" value="([^"]+)"', html)[0]


@pytest.fixture
def marketer(client, staff, clock, pebbles):
    """A browser in which the marketer has signed in."""
    client.force_login(staff)
    return client


def page(browser, path: str) -> str:
    answer = browser.get(path)
    assert answer.status_code == 200, path
    return answer.content.decode()


def act(browser, campaign: Campaign, name: str, **fields):
    html = page(browser, url(campaign, name))
    return browser.post(url(campaign, name), {"act_key": hidden(html, "act_key"), **fields}, follow=True)


KERNEL = {
    "campaign-name": "沙滩捡石子", "campaign-goal": "retention", "campaign-starts_at": "2026-12-01T00:00",
    "campaign-ends_at": "2026-12-31T00:00", "campaign-daily_from": "08:00", "campaign-daily_to": "22:00",
    "campaign-day_cut_hour": "0", "campaign-exclude_staff": "on", "campaign-budget_yuan": "88.50",
    "campaign-organiser": "山野茶集", "campaign-contact": "400-000-0000", "campaign-share_title": "来捡石子",
    "settings-pebbles": "3", "settings-slogan": "hello",
}  # fmt: skip


def test_from_a_template_to_a_published_campaign(marketer, pebbles):
    key = hidden(page(marketer, ADD), "act_key")
    made = {"act_key": key, "template": "pebbles:beach", "name": "沙滩捡石子", "starts_at": "2026-12-01T00:00"}

    answer = marketer.post(ADD, {**made, "ends_at": "2026-12-31T00:00"}, follow=True)

    campaign = Campaign.objects.get()
    assert answer.redirect_chain == [(url(campaign), 302)]
    assert "请填写联系方式" in answer.content.decode()
    saved = marketer.post(url(campaign), {**KERNEL, "revision": "0"}, follow=True).content.decode()
    assert "可以发布。" in saved
    assert "Pebbles in ten days" in saved
    campaign.refresh_from_db()
    assert (campaign.budget_fen, campaign.starts_at) == (8850, at("2026-12-01"))
    assert pebbles.stored[campaign.pk] == {"pebbles": 3, "slogan": "hello"}
    assert "活动已发布。" in act(marketer, campaign, "publish").content.decode()
    assert CampaignVersion.objects.get().config["settings"]["pebbles"] == 3


def test_a_double_click_makes_one_draft(marketer):
    made = {"template": "pebbles:beach", "name": "one", "starts_at": "2026-12-01T00:00", "ends_at": "2026-12-02T00:00"}
    made["act_key"] = hidden(page(marketer, ADD), "act_key")

    first, second = (marketer.post(ADD, made) for _ in range(2))

    assert first.url == second.url
    assert Campaign.objects.count() == 1


def test_publishing_too_early_shows_the_reasons_and_changes_nothing(marketer, draft):
    campaign = draft(contact="", share_title="转发领好礼")

    html = marketer.get(url(campaign, "publish"), follow=True).content.decode()

    assert "活动还不能发布" in html
    assert "请填写联系方式" in html
    assert "“转发领”：平台规范禁止" in html
    assert not CampaignVersion.objects.exists()


def test_wrong_values_stay_in_the_form_with_a_sentence(marketer, draft):
    campaign = draft()

    wrong = {**KERNEL, "campaign-ends_at": "2026-11-30T00:00", "settings-pebbles": "0", "revision": "1"}
    html = marketer.post(url(campaign), wrong).content.decode()

    assert "结束时间必须晚于开始时间。" in html
    campaign.refresh_from_db()
    assert (campaign.revision, campaign.share_title) == (1, "")


def test_the_second_editor_is_told_and_loses_nothing_of_the_first(marketer, draft):
    campaign = draft()
    marketer.post(url(campaign), {**KERNEL, "revision": "1"})

    html = marketer.post(url(campaign), {**KERNEL, "campaign-name": "mine", "revision": "1"}).content.decode()

    assert "其他人刚刚保存了这个活动" in html
    assert Campaign.objects.get().name == "沙滩捡石子"


def test_improving_takes_only_what_favours_members(marketer, draft, staff, pebbles):
    campaign = draft()
    services.publish(campaign=campaign, actor=staff)
    longer = {**KERNEL, "campaign-ends_at": "2027-01-15T00:00", "campaign-name": "ignored", "revision": "2"}
    path = url(campaign, "improve")

    assert "该字段是必填项" in marketer.post(path, {**longer, "campaign-budget_yuan": "2000"}).content.decode()
    taking = {**longer, "campaign-budget_yuan": "1", "improve-reason": "less"}
    assert "以下修改不可行：预算" in marketer.post(path, taking).content.decode()
    assert CampaignVersion.objects.count() == 1
    giving = {**longer, "campaign-budget_yuan": "2000", "improve-reason": "more"}
    assert "新版本已发布。" in marketer.post(path, giving, follow=True).content.decode()

    campaign.refresh_from_db()
    assert (campaign.name, campaign.budget_fen, campaign.ends_at) == ("沙滩捡石子", 200_000, at("2027-01-15"))


def test_pause_resume_end_archive_and_copy_by_button(marketer, draft, staff):
    campaign = draft()
    services.publish(campaign=campaign, actor=staff)

    for name, status in (("pause", "paused"), ("resume", "scheduled"), ("end", "ended"), ("archive", "archived")):
        act(marketer, campaign, name, reason="because")
        assert Campaign.objects.get(pk=campaign.pk).status == status
    copied = act(marketer, campaign, "clone")

    copy = Campaign.objects.exclude(pk=campaign.pk).get()
    assert copied.redirect_chain == [(url(copy), 302)]


def test_a_published_campaign_is_shown_but_not_edited(marketer, draft, staff):
    campaign = draft()
    services.publish(campaign=campaign, actor=staff)

    assert "disabled" in page(marketer, url(campaign))
    assert marketer.post(url(campaign), {**KERNEL, "revision": "2"}).status_code == 403
    assert marketer.get(f"/admin/campaigns/campaign/{campaign.pk}/delete/").status_code == 403


def test_the_rules_page_shows_drafts_and_every_version(marketer, draft, staff):
    campaign = draft()
    assert "草稿：规则页将如下所示" in page(marketer, url(campaign, "rules"))
    version = services.publish(campaign=campaign, actor=staff)

    html = page(marketer, url(campaign, "rules"))

    assert version.rules_sha256 in html
    assert "一、活动时间" in html
    assert "1. Period" in html


def test_the_list_shows_the_status_by_the_clock(marketer, draft, staff, clock, django_assert_max_num_queries):
    services.publish(campaign=draft(), actor=staff)
    draft(name="another", starts_at=at("2027-03-01"), ends_at=at("2027-03-02"))
    clock.move_to("2026-12-05 12:00")
    marketer.force_login(staff)

    with django_assert_max_num_queries(7):
        html = page(marketer, LIST)

    assert "进行中" in html
    expected = {
        "running": ["沙滩捡石子"],
        "draft": ["another"],
        "scheduled": [],
        "paused": [],
        "ended": [],
        "archived": [],
    }
    for status, names in expected.items():
        shown = marketer.get(f"{LIST}?status={status}").context["cl"].result_list
        assert [campaign.name for campaign in shown] == names


ACTS = ["publish", "improve", "pause", "resume", "end", "archive"]


def staff_with(client, *permissions: str) -> None:
    user = StaffUser.objects.create_user("xu", password="a-long-password", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client.force_login(user)


@pytest.mark.parametrize("name", ACTS)
@pytest.mark.parametrize("method", ["get", "post"])
def test_publishing_acts_need_their_permission(client, clock, draft, name, method):
    campaign = draft()
    staff_with(client, "view_campaign", "change_campaign", "add_campaign")

    assert getattr(client, method)(url(campaign, name)).status_code == 403
    assert Campaign.objects.get().status == "draft"


def test_a_viewer_sees_but_changes_nothing(client, clock, draft):
    campaign = draft()
    staff_with(client, "view_campaign")

    assert page(client, url(campaign)).count("保存并检查") == 0
    assert page(client, url(campaign, "rules"))
    assert client.post(url(campaign), {**KERNEL, "revision": "1"}).status_code == 403
    for path in (ADD, url(campaign, "clone")):
        assert client.get(path).status_code == client.post(path).status_code == 403
    assert Campaign.objects.get().revision == 1


@pytest.mark.parametrize("name", ["change", "rules", "clone", *ACTS])
def test_without_any_permission_or_sign_in_nothing_is_shown(client, clock, draft, name):
    campaign = draft()
    assert client.get(url(campaign, name)).url.startswith(reverse("admin:login"))
    staff_with(client)

    assert client.get(url(campaign, name)).status_code == 403


def test_an_unknown_campaign_is_not_found(marketer):
    for key in ("01a200c4-6280-746d-a155-aba606ed767b", "nonsense"):
        assert marketer.get(f"/admin/campaigns/campaign/{key}/change/").status_code == 404
