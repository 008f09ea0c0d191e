"""The sandbox: anybody may be anybody, but only in a demo."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.apps import apps

from core import slices
from platforms.protocols import LoginRefused, PlatformIdentity, login_providers
from platforms.sandbox.services import SandboxLogin

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("code", ["demo-a", "demo-小满", "demo-a.b_c-1", "demo-" + "x" * 50])
def test_a_code_names_the_same_person_each_time(code):
    sandbox = SandboxLogin()

    assert sandbox.exchange("sandbox", code) == sandbox.exchange("sandbox", code)
    assert sandbox.exchange("sandbox", code) == PlatformIdentity("sandbox", "sandbox", code)


@pytest.mark.parametrize(
    "code", ["", "demo-", "demo", "Demo-a", "demo-a b", "demo-a\n", "demo-<a>", "demo-" + "x" * 51]
)
def test_any_other_code_is_refused(code):
    with pytest.raises(LoginRefused):
        SandboxLogin().exchange("sandbox", code)


def test_the_sandbox_is_absent_when_switched_off(settings):
    config = apps.get_app_config("sandbox")
    assert isinstance(config, slices.SliceConfig)
    login_providers.unregister("sandbox")
    try:
        settings.SANDBOX_ENABLED = False
        config.register()
        assert "sandbox" not in login_providers
    finally:
        settings.SANDBOX_ENABLED = True
        config.register()
    assert "sandbox" in login_providers


@pytest.mark.parametrize(("enabled", "starts"), [("1", False), ("0", True)])
def test_outside_demo_mode_a_configured_sandbox_stops_the_start(enabled, starts):
    environment = os.environ | {
        "HOMEGROUND_DEMO": "0", "SANDBOX_ENABLED": enabled, "DJANGO_SETTINGS_MODULE": "config.settings",
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "manage.py", "check"], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )

    assert (done.returncode == 0) is starts
    assert ("homeground.E002" in done.stderr) is not starts
