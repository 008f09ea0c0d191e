"""A new mechanism is one folder: a copy of the tree gets one, and nothing else in it is edited."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.sqlite, pytest.mark.xdist_group("new-mechanism")]
ROOT = Path(__file__).resolve().parents[2]
NOT_COPIED = shutil.ignore_patterns(".git", ".venv", "var", "*_cache", "__pycache__", ".hypothesis", "screenshots")
FILES = {
    "__init__.py": '"""Raffles: an empty mechanism. Invariant: a raffle is counted once."""\n',
    "apps.py": '''"""The raffles slice."""

from core import slices


class RafflesConfig(slices.SliceConfig):
    """Raffles."""

    name = "engagement.raffles"
    label = "raffles"
    kind = "mechanism"
    api_prefix = "raffles/"
''',
    "rules.py": '"""Decisions of raffles: none yet."""\n',
    "services.py": '"""Acts of raffles: none yet."""\n',
    "models.py": '''"""Tables of raffles."""

from django.db import models


class Raffle(models.Model):
    """A raffle."""

    id = models.BigAutoField(primary_key=True)
    opened_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"raffle {self.pk}"
''',
    "api.py": '''"""Addresses of raffles."""

from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView


class RafflesView(APIView):
    """All raffles."""

    @extend_schema(responses={200: None})
    def get(self, request: Request) -> Response:
        """List nothing yet."""
        return Response([])


urlpatterns = [path("", RafflesView.as_view(), name="raffles")]
''',
    "migrations/__init__.py": "",
}
LOOK = """
import django
django.setup()
from django.apps import apps
from django.core.management import call_command
from django.db import connection
from django.urls import resolve
call_command("migrate", verbosity=0)
print(apps.get_app_config("raffles").name, apps.get_app_config("raffles").kind)
print(resolve("/api/v1/raffles/").func.view_class.__name__)
print("raffles_raffle" in connection.introspection.table_names())
"""


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the tree with one folder more."""
    copy = tmp_path_factory.mktemp("tree") / "copy"
    shutil.copytree(ROOT, copy, ignore=NOT_COPIED)
    folder = copy / "engagement" / "raffles"
    (folder / "migrations").mkdir(parents=True)
    for name, content in FILES.items():
        (folder / name).write_text(content)
    run(copy, "manage.py", "makemigrations", "raffles", "-n", "tables", "-v0")
    return copy


def run(tree: Path, *command: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ,
        "PYTHONPATH": str(tree),
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "DATABASE_URL": "sqlite://:memory:",
        "HOMEGROUND_VAR": str(tree / "var"),
    }
    command = (sys.executable, *command) if command[0].endswith(".py") or command[0].startswith("-") else command
    done = subprocess.run(command, cwd=tree, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0 or not check, done.stdout + done.stderr
    return done


def program(name: str) -> str:
    return str(Path(sys.executable).parent / name)


def test_it_is_discovered_routed_and_migrated(tree):
    found = run(tree, "-c", LOOK).stdout.split("\n")

    assert found[:3] == ["engagement.raffles mechanism", "RafflesView", "True"]
    assert "No changes detected" in run(tree, "manage.py", "makemigrations", "--check", "--dry-run").stdout


def test_it_is_linted_and_keeps_the_contracts(tree):
    run(tree, program("ruff"), "check", "engagement/raffles")
    done = run(tree, program("lint-imports"), "--config", "pyproject.toml")

    assert "0 broken" in done.stdout


@pytest.mark.parametrize(
    ("file", "content", "contract"),
    [
        ("utils.py", '"""Anything."""\n', "Every slice has the same shape"),
        ("handlers.py", "import engagement.checkins.models\n", "never each other"),
        ("selectors.py", "import engagement.raffles.services\n", "Every slice has the same shape"),
        ("tasks.py", "import members.points.models\n", "written only by the points slice"),
        ("tasks.py", "import httpx\n", "Only platforms"),
        ("tasks.py", "import config.settings\n", "one stack"),
    ],
)
def test_the_contracts_bind_it_too(tree, file, content, contract):
    path = tree / "engagement" / "raffles" / file
    path.write_text(content)
    try:
        done = run(tree, program("lint-imports"), "--config", "pyproject.toml", check=False)
    finally:
        path.unlink()

    broken = [line for line in done.stdout.splitlines() if " BROKEN" in line]
    assert any(contract in line for line in broken), done.stdout


def test_rules_stay_plain_python(tree):
    rules = tree / "engagement" / "raffles" / "rules.py"
    rules.write_text("import django.db\n")
    try:
        done = run(tree, program("lint-imports"), "--config", "pyproject.toml", check=False)
    finally:
        rules.write_text(FILES["rules.py"])

    assert "Rules are plain Python BROKEN" in done.stdout
