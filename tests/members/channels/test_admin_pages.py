"""The channels' pages in the admin: each act does one thing once, and what is refused changes nothing."""

from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from core.admin.pages import page_url
from core.models import AuditEntry, StaffUser
from members.channels import errors
from members.channels.models import (
    Channel,
    ChannelCost,
    CodeBatch,
    LandingRule,
    PrefixRule,
    VerificationFile,
    WelcomeKit,
)
from members.channels.rules import prefix
from members.channels.rules.prefix import Fault, Rule
from members.channels.services import planning
from tests.factories.channels_admin import a_batch, a_channel, a_cost, a_day

PREFIX = "https://q.example.cn/q/"


def act(browser: Client, url: str, **fields: Any):
    """Open an act's page and send its form."""
    asked = browser.get(url)
    assert asked.status_code == 200
    return browser.post(url, {"act_key": asked.context["key"], **fields})


# ---- channels --------------------------------------------------------------------------------------------------------
FORM = {"name": "包裹卡", "kind": "campaign", "type": "insert", "traffic": "stable", "state": "active"}


def test_channel_is_made_below_another_and_shown(browser: Client, clock):
    top = a_channel("天猫")

    answer = act(browser, reverse("admin:channels_channel_add"), **FORM, parent=str(top.pk), owner="小林")

    made = Channel.objects.get(name="包裹卡")
    assert answer["Location"] == reverse("admin:channels_channel_change", args=[made.pk])
    assert (made.parent, made.owner, made.state) == (top, "小林", "active")
    assert browser.get(answer["Location"]).status_code == 200


def test_channel_above_itself_is_refused(browser: Client, clock):
    campaign = a_channel("包裹卡", parent=a_channel("天猫"))

    answer = act(
        browser, reverse("admin:channels_channel_edit", args=[campaign.pk]), **FORM, parent=str(campaign.pk)
    )  # fmt: skip

    assert answer.status_code == 200
    campaign.refresh_from_db()
    assert campaign.parent is not None
    assert campaign.parent.name == "天猫"


def test_tree_is_listed_in_its_order_with_the_sums_of_branches(browser: Client, clock):
    top = a_channel("甲")
    a_channel("丙")
    child = a_channel("乙", parent=top)
    a_day(a_batch(child), "2026-11-20", scans=9, unique=8, joined=4)
    a_cost(top, 200, "2026-11-21", "2026-11-30")

    rows = browser.get(reverse("admin:channels_channel_changelist")).context["cl"].result_list

    assert {row.name: (row.depth, row.sums.unique, row.sums.spent_fen) for row in rows} == {
        "丙": (0, 0, 0), "甲": (0, 8, 400), "乙": (1, 8, 0),
    }  # fmt: skip
    names = [row.name for row in rows]
    assert names.index("乙") == names.index("甲") + 1


def test_tree_costs_a_fixed_number_of_queries(browser: Client, clock, django_assert_max_num_queries):
    top = a_channel("天猫")
    for place in range(30):
        a_batch(a_channel(f"活动 {place}", parent=top))

    with django_assert_max_num_queries(12):
        assert browser.get(reverse("admin:channels_channel_changelist")).status_code == 200


def test_batch_of_codes_is_made_once(browser: Client, clock):
    url = page_url("channels-batch-add", a_channel("包裹卡").pk)
    form = {"act_key": browser.get(url).context["key"], "name": "B01", "quantity": 3, "print_quantity": 5000}

    answers = [browser.post(url, form) for _ in range(2)]

    batch = CodeBatch.objects.get()
    assert (batch.codes.count(), batch.print_quantity, batch.created_by) == (3, 5000, "guanli")
    assert answers[0]["Location"] == reverse("admin:channels_codebatch_change", args=[batch.pk])
    assert browser.get(answers[0]["Location"]).status_code == 200


def test_landing_is_planned_ahead_and_taken_back(browser: Client, clock):
    channel = a_channel("包裹卡")
    act(
        browser, page_url("channels-landing-add", channel.pk), path="pages/spring/index", params="from = insert",
        starts_at="2026-12-01T00:00", ends_at="2027-01-01T00:00", priority=5,
    )  # fmt: skip
    rule = LandingRule.objects.get()
    assert rule.starts_at is not None
    shown = browser.get(reverse("admin:channels_channel_change", args=[channel.pk])).content.decode()
    answer = act(browser, page_url("channels-landing-remove", rule.pk), reason="换新的")

    assert (rule.params, rule.priority, rule.starts_at.isoformat()) == (
        {"from": "insert"},
        5,
        "2026-11-30T16:00:00+00:00",
    )
    assert "pages/spring/index" in shown
    assert (answer.status_code, LandingRule.objects.count()) == (302, 0)
    assert AuditEntry.objects.get(action="channels.remove_landing").reason == "换新的"


@pytest.mark.parametrize("path", ["https://evil.example/x", "/pages/x", "pages/../x", "pages/x?y=1"])
def test_landing_anywhere_else_is_refused(browser: Client, clock, path: str):
    answer = act(browser, page_url("channels-landing-add", a_channel("包裹卡").pk), path=path, priority=0)

    assert (answer.status_code, LandingRule.objects.count()) == (200, 0)


def test_cost_per_piece_falls_on_one_day(browser: Client, clock):
    channel = a_channel("包裹卡")
    form = {"kind": "piece", "amount_yuan": "0.12", "quantity": 5000, "first_on": "2026-11-20", "last_on": "2026-11-30"}

    act(browser, page_url("channels-cost-add", channel.pk), **form)

    cost = ChannelCost.objects.get()
    assert (cost.amount_fen, cost.quantity, cost.last_on) == (12, 5000, date(2026, 11, 20))


def test_cost_that_ends_before_it_begins_is_refused(browser: Client, clock):
    form = {"kind": "day", "amount_yuan": "1", "quantity": 1, "first_on": "2026-11-20", "last_on": "2026-11-19"}

    answer = act(browser, page_url("channels-cost-add", a_channel("广告").pk), **form)

    assert (answer.status_code, ChannelCost.objects.count()) == (200, 0)


def test_wrong_cost_is_taken_back_with_a_reason(browser: Client, clock):
    cost = a_cost(a_channel("广告"), 100, "2026-11-20")

    act(browser, page_url("channels-cost-remove", cost.pk), reason="记错了")

    assert not ChannelCost.objects.exists()
    assert AuditEntry.objects.get(action="channels.remove_cost").detail["amount_fen"] == 100


def test_kit_is_made_and_changed(browser: Client, clock):
    act(browser, reverse("admin:channels_welcomekit_add"), name="见面礼", points=100, others="", active="on")
    kit = WelcomeKit.objects.get()
    act(browser, reverse("admin:channels_welcomekit_change", args=[kit.pk]), name="见面礼", points=200, others="")

    kit.refresh_from_db()
    assert (kit.rewards, kit.active) == ([{"kind": "points", "points": 200}], False)


def test_empty_kit_is_refused(browser: Client, clock):
    answer = act(browser, reverse("admin:channels_welcomekit_add"), name="空", points=0, others="", active="on")

    assert (answer.status_code, WelcomeKit.objects.count()) == (200, 0)


def test_code_is_found_as_people_write_it(browser: Client, clock):
    code = a_batch(a_channel("包裹卡"), codes=5).codes.first().code
    typed = f"{code[:4].lower()}-{code[4:8]}-{code[8]}"

    found = browser.get(reverse("admin:channels_channelcode_changelist"), {"q": typed}).context["cl"].result_list

    assert [row.code for row in found] == [code]


OWN_PAGES = ("channels-batch-add", "channels-landing-add", "channels-cost-add")


@pytest.mark.parametrize("name", OWN_PAGES)
def test_who_may_only_look_changes_nothing(db: None, clock, name: str):
    client, channel = Client(), a_channel("包裹卡")
    client.force_login(StaffUser.objects.create_user(username="kanke", password="a-long-password", is_staff=True))

    assert client.get(page_url(name, channel.pk)).status_code == 403
    assert client.get(reverse("admin:channels_channel_change", args=[channel.pk])).status_code == 403


# ---- the prefix rule -------------------------------------------------------------------------------------------------
def test_verification_file_is_served_below_the_prefix(browser: Client, clock):
    act(browser, page_url("channels-file-add"), name=" aB3dE6gH9k.txt ", content="0f1e2d3c4b5a6978\n")

    answer = Client().get("/q/aB3dE6gH9k.txt")

    assert (answer.status_code, answer.content, answer["Content-Type"]) == (
        200, b"0f1e2d3c4b5a6978", "text/plain; charset=utf-8",
    )  # fmt: skip
    assert Client().get("/q/another.txt").status_code == 404


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("index.html", "0f1e2d3c"),
        ("../a.txt", "0f1e2d3c"),
        ("abcd.txt", "<script>alert(1)</script>"),
        ("abcd.txt", "short"),
    ],
)
def test_file_that_is_none_is_refused(staff: StaffUser, name: str, content: str):
    with pytest.raises(errors.InvalidVerification):
        planning.save_verification(name=name, content=content, actor=staff)

    assert not VerificationFile.objects.exists()


def test_set_up_page_warns_of_what_is_wrong(browser: Client, clock, settings):
    settings.PUBLIC_BASE_URL = "https://q.example.cn"
    act(browser, page_url("channels-rule-add"), address=PREFIX, is_published="on")
    act(browser, page_url("channels-rule-add"), address=PREFIX + "7")
    answer = browser.get(page_url("channels-setup"))
    shown = [about for _sentence, about in answer.context["findings"]]

    assert shown == ["", PREFIX + "7"]
    act(browser, page_url("channels-rule-remove", PrefixRule.objects.get(is_published=False).pk))
    act(browser, page_url("channels-file-add"), name="abcd.txt", content="0f1e2d3c")
    assert browser.get(page_url("channels-setup")).context["findings"] == []


@pytest.mark.parametrize(
    ("rules", "faults"),
    [
        ([Rule(PREFIX, True)], []),
        ([Rule("https://q.example.cn/", True)], []),
        ([], [Fault.NO_RULE]),
        ([Rule(PREFIX, False)], [Fault.UNPUBLISHED]),
        ([Rule(PREFIX[:-1], True)], [Fault.NO_SLASH, Fault.NO_RULE]),
        ([Rule("http://q.example.cn/q/", True)], [Fault.OTHER_PROTOCOL, Fault.NO_RULE]),
        ([Rule(PREFIX, True), Rule(PREFIX + "AB", False)], [Fault.SHADOWED]),
        ([Rule(PREFIX, True), Rule(PREFIX + "AB", True)], []),
        ([Rule(PREFIX, True), Rule("https://q.example.cn/x", False)], []),
        ([Rule("https://q.example.cn/", True), Rule(PREFIX, False)], [Fault.UNPUBLISHED]),
    ],
)
def test_rules_of_the_console_are_judged(rules: list[Rule], faults: list[Fault]):
    found = prefix.findings(rules, prefix=PREFIX, has_file=True)

    assert [each.fault for each in found] == faults


@pytest.mark.parametrize(
    ("address", "faults"),
    [
        ("http://q.example.cn/q/", [Fault.NOT_HTTPS]),
        ("https://localhost/q/", [Fault.LOCAL]),
        ("https://10.0.0.1/q/", [Fault.LOCAL]),
        ("https://q.example.cn:8443/q/", [Fault.LOCAL]),
    ],
)
def test_address_that_no_phone_reaches_is_told(address: str, faults: list[Fault]):
    found = prefix.findings([Rule(address, True)], prefix=address, has_file=True)

    assert [each.fault for each in found] == faults


@given(st.lists(st.builds(Rule, st.text("ab/", max_size=6).map(lambda tail: PREFIX + tail), st.booleans()), max_size=6))
def test_a_code_below_no_shadow_meets_the_published_rule(rules: list[Rule]):
    """WeChat takes the longest rule that matches; without a warning that is a published one for every code."""
    known = [Rule(PREFIX, True), *rules]
    if prefix.shadowing(known, PREFIX) or any(rule == Rule(PREFIX, False) for rule in rules):
        return

    for code in ("a", "ab", "ba/b", "ZZ"):
        longest = max(
            (rule for rule in known if (PREFIX + code).startswith(rule.prefix)), key=lambda rule: len(rule.prefix)
        )
        assert longest.is_published
