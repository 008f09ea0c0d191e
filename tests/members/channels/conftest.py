"""A signed-in superuser in the admin."""

import pytest
from django.test import Client

from core.models import StaffUser


@pytest.fixture
def staff(db: None) -> StaffUser:
    """A superuser."""
    return StaffUser.objects.create_superuser(username="guanli", password="a-long-password", last_name="管")


@pytest.fixture
def browser(staff: StaffUser) -> Client:
    """A client in which ``staff`` is signed in."""
    client = Client()
    client.force_login(staff)
    return client
