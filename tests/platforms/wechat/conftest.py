"""WeChat's stand-in on the loopback, and the settings that lead there."""

from collections.abc import Iterator
from typing import cast

import pytest
from django.apps import apps

from platforms.protocols import login_providers
from platforms.wechat.apps import WeChatConfig
from tests.stubs.wechat import FakeWeChat

APP, SECRET = "wx0123456789abcdef", "a-secret-of-the-stub"
PUSH_TOKEN, AES_KEY = "pamtest", "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"


@pytest.fixture
def configured(settings) -> Iterator[None]:
    """One app with message push; WeChat is a login provider."""
    settings.WECHAT_APPS = [
        {"app_id": APP, "secret": SECRET, "push_token": PUSH_TOKEN, "push_aes_key": AES_KEY}
    ]  # fmt: skip
    cast("WeChatConfig", apps.get_app_config("wechat")).register()
    yield
    login_providers.unregister("wechat")


@pytest.fixture
def wechat(configured, settings) -> Iterator[FakeWeChat]:
    """A stand-in that knows the app."""
    with FakeWeChat({APP: SECRET}) as stub:
        settings.WECHAT_BASE_URL = stub.url
        yield stub
