"""Check-in as staff meet it: templates, checklist, rules page, costs, preview, form, changes while running."""

import pytest
from django.http import QueryDict

from core.commands import scope
from engagement.campaigns import errors as campaign_errors
from engagement.campaigns import services as campaigns
from engagement.campaigns.contract import mechanisms
from engagement.checkins import errors
from engagement.checkins.rules.plan import dump, parse
from tests.factories.checkins import cards, make_check_in, points

pytestmark = pytest.mark.django_db
LEGAL = {"organiser": "山野茶集", "contact": "400-820-1234"}


@pytest.fixture
def mechanism():
    return mechanisms.get("checkins")


@pytest.fixture
def draft(clock):
    from datetime import timedelta

    made = campaigns.create_from_template(
        mechanism="checkins", template_key="seven-days", name="七天签到", starts_at=clock.now,
        ends_at=clock.now + timedelta(days=30), actor=None,
    )  # fmt: skip
    return campaigns.edit_draft(campaign=made, revision=made.revision, fields=LEGAL, settings=None, actor=None)


def messages(mechanism, draft, **changes):
    settings = mechanism.settings_of(draft.pk) | changes
    return [(each.blocks, each.field) for each in mechanism.check(draft.as_config(), settings)]


@pytest.mark.parametrize("key", ["seven-days", "natural-month", "newcomer"])
def test_every_template_can_be_published_as_it_is(mechanism, clock, key):
    from datetime import timedelta

    template = next(each for each in mechanism.templates() if each.key == key)
    draft = campaigns.create_from_template(
        mechanism="checkins", template_key=key, name=str(template.name)[:40], starts_at=clock.now,
        ends_at=clock.now + timedelta(days=120), actor=None,
    )  # fmt: skip
    draft = campaigns.edit_draft(campaign=draft, revision=draft.revision, fields=LEGAL, settings=None, actor=None)

    assert campaigns.publish(campaign=draft, actor=None).number == 1


def test_a_template_is_stored_in_its_full_form(mechanism, draft):
    settings = mechanism.settings_of(draft.pk)

    assert settings == dump(parse(settings))
    assert settings["first_time"] == points(5)


def test_two_check_ins_at_once_are_refused(draft):
    make_check_in(name="老签到")

    with pytest.raises(campaign_errors.NotPublishable) as refusal:
        campaigns.publish(campaign=draft, actor=None)

    assert "老签到" in refusal.value.errors[0].message
    assert refusal.value.errors[0].pointer == "/starts_at"


@pytest.mark.parametrize(
    ("changes", "finding"),
    [
        ({}, []),
        ({"daily": [{"kind": "gold", "n": 1}]}, [(True, "daily")]),
        ({"streaks": [{"days": 7, "reward": {"kind": "make_up_card", "count": 0}, "limit": 0}]}, [(True, "streaks")]),
        ({"daily": [points(0)]}, []),
        ({"freezes_per_month": 99}, [(True, "freezes_per_month")]),
        ({"tallies": [{"days": 200, "reward": points(1)}]}, [(False, "")]),
        ({"special_dates": [{"day": "2030-01-01", "times": 2}]}, [(False, "")]),
        ({"daily": [points(n) for n in range(1, 9)]}, [(False, "")]),
    ],
)
def test_the_checklist_names_what_is_wrong(mechanism, draft, changes, finding):
    tallies: dict[str, object] = {"tallies": []}

    assert messages(mechanism, draft, **(tallies | changes)) == finding


def test_limits_that_mean_nothing_here_are_refused(mechanism, draft):
    campaign = draft.as_config() | {"limits": {"per_day": 100}}

    assert [each.field for each in mechanism.check(campaign, mechanism.settings_of(draft.pk)) if each.blocks] == [
        "limits"
    ]


def test_the_rules_page_says_all_in_both_languages(mechanism, draft):
    settings = mechanism.settings_of(draft.pk) | {"freezes_per_month": 1}
    texts = {
        lang: "\n".join(str(line) for each in mechanism.rules(draft.as_config(), settings, lang) for line in each.lines)
        for lang in ("zh-hans", "en")
    }

    for part in ("每周一", "第 7 天：10 积分", "首次签到", "补签", "20 积分", "生日", "不会中断"):
        assert part in texts["zh-hans"]
    for part in ("each Monday", "Day 7: 10 points.", "First check-in ever", "made up for 20 points", "birthday"):
        assert part in texts["en"]
    assert not any("\u4e00" <= character <= "\u9fff" for character in texts["en"])


def test_the_cost_of_a_full_round_is_shown(mechanism, draft):
    lines = dict(mechanism.simulate(draft.as_config(), mechanism.settings_of(draft.pk)))
    values = list(lines.values())

    assert values[0] == "42"  # 1+1+2+2+3+3+10 and 20 for the seventh day
    assert values[4] == "225"  # a Sunday 1, four weeks of 42, a Monday 1, the first time 5, thirty days 50


def test_the_preview_is_the_members_page(mechanism, draft):
    page = mechanism.preview(draft.as_config(), mechanism.settings_of(draft.pk))

    assert (page["streak"], page["tally"], page["today"]) == (2, 2, "2026-11-24")
    assert [each["state"] for each in page["days"] if each["date"] in {"2026-11-22", "2026-11-24"}] == [
        "checked", "today",
    ]  # fmt: skip
    assert [box["points"] for box in page["cycle"]] == [1, 1, 2, 2, 3, 3, 30]


def form_data(mechanism, draft):
    """What a browser sends back for the untouched form."""
    form = mechanism.form_class()(None, prefix="settings", settings=mechanism.settings_of(draft.pk))
    data = QueryDict(mutable=True)
    for name, field in form.fields.items():
        value = form[name].value()
        if hasattr(field.widget, "row"):
            context = field.widget.get_context(f"settings-{name}", value, {})
            for row in context["rows"]:
                for cell in row:
                    data[cell.html_name] = "" if cell.value() is None else str(cell.value())
        elif value is True:
            data[f"settings-{name}"] = "on"
        elif value is not False:
            data[f"settings-{name}"] = "" if value is None else str(value)
    return data


def test_an_untouched_form_changes_nothing(mechanism, draft):
    settings = mechanism.settings_of(draft.pk) | {
        "special_dates": [{"day": "2026-12-01", "times": 3}], "streaks": [{"days": 7, "reward": cards(1), "limit": 2}],
    }  # fmt: skip
    with scope():
        mechanism.save_settings(draft.pk, settings)

    form = mechanism.form_class()(form_data(mechanism, draft), prefix="settings", settings=settings)

    assert form.is_valid(), form.errors
    assert form.settings() == settings


def test_the_form_keeps_rewards_that_it_cannot_show(mechanism, draft):
    settings = mechanism.settings_of(draft.pk) | {
        "streaks": [{"days": 3, "reward": {"kind": "coupon", "template": "x"}, "limit": 0}],
    }  # fmt: skip
    data = form_data(mechanism, draft)

    form = mechanism.form_class()(data, prefix="settings", settings=settings)

    assert form.is_valid(), form.errors
    assert {"days": 3, "reward": {"kind": "coupon", "template": "x"}, "limit": 0} in form.settings()["streaks"]


@pytest.mark.parametrize(
    ("name", "value", "field"),
    [
        ("daily", "1,zwei", "daily"),
        ("daily", "[1", "daily"),
        ("daily", "10000", "daily"),
        ("streaks-0-days", "8", "streaks"),
        ("streaks-0-amount", "", "streaks"),
        ("streaks-1-days", "x", "streaks"),
        ("remind_at", "25:00", "remind_at"),
        ("share_percent", "101", "share_percent"),
    ],
)
def test_the_form_says_what_is_wrong_at_its_field(mechanism, draft, name, value, field):
    data = form_data(mechanism, draft)
    data[f"settings-{name}"] = value

    form = mechanism.form_class()(data, prefix="settings", settings=mechanism.settings_of(draft.pk))

    assert not form.is_valid()
    assert list(form.errors) == [field]


def test_the_form_renders_with_every_field_in_a_group(mechanism, draft):
    form = mechanism.form_class()(None, prefix="settings", settings=mechanism.settings_of(draft.pk))

    html = form.as_div()

    assert [name for group in form.groups for name in group.fields] == list(form.fields)
    assert 'name="settings-streaks-0-days" value="7"' in html


def test_while_it_runs_only_more_is_possible(clock):
    campaign = make_check_in(streaks=[{"days": 3, "reward": points(30)}])
    settings = mechanisms.get("checkins").settings_of(campaign.pk)

    with pytest.raises(campaign_errors.NotInFavour):
        campaigns.change_running(
            campaign=campaign, revision=campaign.revision, reason="试", fields={}, settings=settings | {"streaks": []},
            actor=None,
        )  # fmt: skip
    campaign.refresh_from_db()
    more = settings | {"freezes_per_month": 1}
    version = campaigns.change_running(
        campaign=campaign, revision=campaign.revision, reason="加保护", fields={}, settings=more, actor=None
    )

    assert version.config["settings"]["freezes_per_month"] == 1


def test_settings_that_cannot_be_read_are_not_stored(mechanism, draft):
    with scope(), pytest.raises(errors.InvalidPlan):
        mechanism.save_settings(draft.pk, {"daily": []})

    assert mechanism.settings_of(draft.pk)["daily"][0] == points(1)
