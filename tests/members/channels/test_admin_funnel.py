"""The funnel: every total is the sum of its rows and of the details, money and rates are exact, exports are noted."""

import csv
import io
from datetime import date
from typing import Any

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from core.admin.pages import page_url
from core.models import AuditEntry, StaffUser
from members.channels.models import Channel
from members.channels.rules import funnel as rules
from members.channels.rules.funnel import Cost, Sums
from members.channels.selectors import funnel
from members.channels.selectors.funnel import Period
from tests.factories.channels_admin import a_batch, a_channel, a_cost, a_day

FIRST, LAST = date(2026, 11, 1), date(2026, 11, 20)
days = st.dates(date(2026, 10, 20), date(2026, 12, 5))


@pytest.fixture
def tmall(db: None, clock) -> Channel:
    """A platform with two campaigns, one with two batches; a shop beside it; some of it outside the period."""
    tmall = a_channel("天猫", type="other")
    insert, ad = a_channel("包裹卡", parent=tmall), a_channel("=投放", parent=tmall, type="ad")
    first, second = a_batch(insert, "B01", printed=1000), a_batch(insert, "B02", printed=500)
    note, own, shop = (
        a_batch(ad, "N01", printed=9),
        a_batch(tmall, "自身"),
        a_batch(a_channel("门店", type="store"), "S01"),
    )
    a_day(first, "2026-11-01", scans=50, unique=40, signed_in=30, joined=20, first_actions=9, gift_fen=2000)
    a_day(first, "2026-11-20", scans=7, unique=5, signed_in=4, joined=3)
    a_day(first, "2026-10-31", scans=999, unique=999)
    a_day(second, "2026-11-05", scans=11, unique=10, signed_in=2, joined=1)
    a_day(note, "2026-11-05", scans=100, unique=60, signed_in=6, joined=6)
    a_day(own, "2026-11-06", scans=1, unique=1)
    a_day(shop, "2026-11-06", scans=3, unique=2, signed_in=2, joined=1)
    a_cost(insert, 12, "2026-11-01", pieces=1500)
    a_cost(ad, 5000, "2026-10-30", "2026-11-03")
    a_cost(tmall, 700, "2026-11-20", "2026-12-20")
    return tmall


ALL = Sums(172, 118, 44, 31, 9, 0, 18000 + 15000 + 700, 2000)


def period(channel: Channel | None = None) -> Period:
    """The first twenty days of November."""
    return Period(FIRST, LAST, funnel.get_tree(), channel.pk if channel else None)


@pytest.mark.parametrize("by", ["channel", "batch", "day"])
def test_every_table_adds_up_to_the_same_total(tmall: Channel, by: str):
    assert funnel.total_of(funnel.GROUPS[by](period())).sums == ALL


@pytest.mark.parametrize("by", ["channel", "batch", "day"])
def test_every_branch_adds_up_to_its_row_above(tmall: Channel, by: str):
    row = next(line for line in funnel.by_channel(period()) if line.channel_id == tmall.pk)

    assert funnel.total_of(funnel.GROUPS[by](period(tmall))).sums == row.sums


def test_rows_of_a_branch_are_its_children_and_itself(tmall: Channel):
    lines = {line.label: line.sums for line in funnel.by_channel(period(tmall))}

    assert lines["包裹卡"] == Sums(68, 55, 36, 24, 9, 0, 18000, 2000)
    assert lines["=投放"] == Sums(100, 60, 6, 6, cost_fen=15000)
    assert lines[""] == Sums(1, 1, cost_fen=700)


def test_scan_rate_is_of_pieces_meant_for_one_person_each(tmall: Channel):
    lines = {line.label: line for line in funnel.by_channel(period())}

    assert (lines["天猫"].printed, lines["天猫"].printed_for) == (1500, 55)
    assert lines["天猫"].scan_rate_bps == 367
    assert lines["门店"].scan_rate_bps is None


def test_a_day_holds_its_own_costs(tmall: Channel):
    lines = {f"{line.day:%m-%d}": line.sums for line in funnel.by_day(period())}

    assert len(lines) == 20
    assert lines["11-01"] == Sums(50, 40, 30, 20, 9, 0, 18000 + 5000, 2000)
    assert lines["11-04"] == Sums()
    assert lines["11-20"].cost_fen == 700


def _cost(kind: str, fen: int, pieces: int, one: date, two: date) -> Cost:
    first, last = min(one, two), max(one, two)
    return Cost(kind, fen, pieces, first, last if kind == "day" else first)


@given(st.lists(st.builds(
    _cost, st.sampled_from(["day", "piece"]), st.integers(0, 10**6), st.integers(1, 10**5), days, days,
), max_size=8), days, days)  # fmt: skip
def test_days_share_out_exactly_what_the_period_costs(costs: list[Cost], one: date, two: date):
    first, last = min(one, two), max(one, two)

    by_day = rules.cost_by_day(costs, first, last)

    assert sum(by_day.values()) == sum(rules.cost_between(cost, first, last) for cost in costs)
    assert all(first <= day <= last for day in by_day)


def test_cost_of_a_new_member_is_rounded_to_the_nearest_fen():
    assert Sums(joined=3, cost_fen=100).cac_fen == 33
    assert Sums(joined=3, cost_fen=100, gift_fen=1).cac_fen == 34
    assert Sums(cost_fen=100).cac_fen is None


def test_drop_off_tells_both_shares():
    drops = rules.drops(Sums(500, 200, 100, 50, 10), with_orders=False)

    assert [(drop.step, drop.of_previous_bps, drop.of_first_bps) for drop in drops] == [
        ("unique", None, 10_000), ("signed_in", 5000, 5000), ("joined", 5000, 2500), ("first_actions", 2000, 500),
    ]  # fmt: skip


# ---- the page --------------------------------------------------------------------------------------------------------
def ask(browser: Client, **more: Any):
    """The page for the first twenty days of November."""
    return browser.get(page_url("channels-funnel"), {"first": f"{FIRST}", "last": f"{LAST}", **more})


def test_page_shows_first_orders_as_empty_until_there_is_a_shop(browser: Client, tmall: Channel):
    context = ask(browser).context

    cells = dict(zip([column.key for column, _link, _on in context["columns"]], context["total"], strict=True))
    assert cells == {
        "scans": "172", "unique": "118", "scan_rate": "3.7%", "signed_in": "44", "joined": "31", "join_rate": "26.3%",
        "first_actions": "9", "first_orders": "—", "spent": "¥357.00", "cac": "¥11.52",
    }  # fmt: skip


def test_page_is_sorted_by_the_column_that_is_asked_for(browser: Client, tmall: Channel):
    labels = [row["label"] for row in ask(browser, channel=tmall.pk, sort="cac").context["rows"]]

    assert labels == ["=投放", "包裹卡", "本渠道自身"]


def test_rows_lead_on_to_their_branch_and_day(browser: Client, tmall: Channel):
    (row, *_rest) = [row for row in ask(browser).context["rows"] if row["label"] == "天猫"]
    below = browser.get(page_url("channels-funnel") + row["link"])
    day = ask(browser, by="day").context["rows"][4]
    of_day = browser.get(page_url("channels-funnel") + day["link"])

    assert [label for label, _link in below.context["path"]] == ["全部渠道", "天猫"]
    assert of_day.context["total"][0] == "111"


@pytest.mark.parametrize(
    "query",
    [{"first": "nonsense"}, {"first": "2030-01-01", "last": "2031-01-01"}, {"by": "x", "sort": "y"},
     {"first": "0001-01-01"}, {"last": "0001-01-01"}, {"channel": "x"}],
)  # fmt: skip
def test_nonsense_in_the_address_still_shows_a_page(browser: Client, tmall: Channel, query: dict[str, str]):
    assert browser.get(page_url("channels-funnel"), query).status_code == 200


def test_unknown_channel_is_not_found(browser: Client, tmall: Channel):
    assert ask(browser, channel="00000000-0000-7000-8000-000000000000").status_code == 404


@pytest.mark.parametrize(("by", "most"), [("channel", 12), ("batch", 13), ("day", 11)])
def test_page_costs_a_fixed_number_of_queries(browser: Client, tmall: Channel, django_assert_max_num_queries, by, most):
    ask(browser)

    with django_assert_max_num_queries(most):
        ask(browser, by=by)


def test_csv_says_what_the_page_says_and_runs_no_formula(browser: Client, tmall: Channel):
    answer = browser.get(
        page_url("channels-funnel-csv"), {"first": f"{FIRST}", "last": f"{LAST}", "channel": str(tmall.pk)}
    )

    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [row[0] for row in rows[1:]] == ["'=投放", "包裹卡", "本渠道自身", "合计"]
    assert [sum(int(row[place]) for row in rows[1:-1]) for place in (2, 3, 4, 5)] == [int(n) for n in rows[-1][2:6]]
    entry = AuditEntry.objects.get(action="channels.export")
    assert (entry.actor, entry.detail) == (
        StaffUser.objects.get(), {"by": "channel", "first": "2026-11-01", "last": "2026-11-20", "rows": 3},
    )  # fmt: skip


def test_csv_needs_its_own_permission(tmall: Channel):
    from django.contrib.auth.models import Permission

    looker = StaffUser.objects.create_user(username="kanke", password="a-long-password", is_staff=True)
    looker.user_permissions.add(Permission.objects.get(codename="view_channelday"))
    client = Client()
    client.force_login(looker)

    assert client.get(page_url("channels-funnel")).status_code == 200
    assert client.get(page_url("channels-funnel-csv")).status_code == 403
    assert not AuditEntry.objects.filter(action="channels.export").exists()
