"""Demo data: all slices' seeds, in order, once, and only in demo mode."""

from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command
from django.test import RequestFactory

from core.contract import DemoSeed, demo_seeds
from core.models import StaffUser


def counts() -> dict[str, int]:
    return {model._meta.label: model._default_manager.count() for model in apps.get_models()}


@pytest.mark.django_db(transaction=True)
def test_second_run_adds_nothing():
    call_command("seed_demo", verbosity=0)
    before = counts()

    call_command("seed_demo", verbosity=0)

    assert before["core.StaffUser"] == 1
    assert counts() == before


@pytest.mark.django_db(transaction=True)
def test_demo_staff_can_sign_in():
    call_command("seed_demo", verbosity=0)

    user = authenticate(RequestFactory().post("/admin/login/"), username="demo", password="homeground-demo")

    assert isinstance(user, StaffUser)
    assert user.is_superuser


def test_refused_outside_demo_mode(settings: Any, db: None):
    settings.HOMEGROUND_DEMO = False

    with pytest.raises(CommandError, match="demo mode only"):
        call_command("seed_demo")

    assert StaffUser.objects.count() == 0


@pytest.fixture
def two_seeds(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    seen: list[Any] = []
    monkeypatch.setattr(demo_seeds, "_items", {})
    demo_seeds.register("late", DemoSeed(lambda context: seen.append(("late", list(context["members"]))), order=90))
    demo_seeds.register("early", DemoSeed(lambda context: context["members"].append("lan"), order=10))
    return seen


def test_seeds_run_in_order_and_share_a_context(two_seeds: list[Any], db: None):
    call_command("seed_demo", verbosity=0)

    assert two_seeds == [("late", ["lan"])]
