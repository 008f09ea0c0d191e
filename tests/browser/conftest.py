"""The demo as its own process on the loopback, and Chromium in front of it."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

from core.supervisor import is_healthy
from tests.postgres import free_port

ROOT = Path(__file__).resolve().parents[2]
SCREENSHOTS = ROOT / "var" / "screenshots"
DESKTOP = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
QUIET = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def demo_environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What a process of the demo finds in its environment."""
    folder = tmp_path_factory.mktemp("demo")
    return os.environ | {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "HOMEGROUND_DEMO": "1",
        "HOMEGROUND_VAR": str(folder),
        "DATABASE_URL": f"sqlite:///{folder / 'demo.sqlite3'}",
    }


@pytest.fixture(scope="session")
def demo(demo_environment: dict[str, str]) -> Iterator[str]:
    """The address of a freshly filled demo; it is gone after the session."""
    environment, folder = demo_environment, Path(demo_environment["HOMEGROUND_VAR"])
    (folder / "static").mkdir()
    for command in ("migrate", "seed_demo"):
        subprocess.run([sys.executable, "manage.py", command, "-v0"], cwd=ROOT, env=environment, check=True)
    port = free_port()
    serve = f"-m granian --interface wsgi --host 127.0.0.1 --workers 1 --port {port} config.wsgi:application"
    with (folder / "web.log").open("wb") as log:
        web = subprocess.Popen(
            [sys.executable, *serve.split()], cwd=ROOT, env=environment, stdout=log, stderr=log, start_new_session=True
        )
    try:
        _wait_until_healthy(port, folder / "web.log")
        yield f"http://127.0.0.1:{port}"
    finally:
        os.killpg(web.pid, signal.SIGTERM)
        web.wait(20)


def _wait_until_healthy(port: int, log: Path) -> None:
    deadline = time.monotonic() + 45
    while not is_healthy(port):
        if time.monotonic() > deadline:
            pytest.fail(f"the demo did not come up:\n{log.read_text()[-2000:]}")
        time.sleep(0.1)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Chromium from PATH."""
    path = next(
        (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), ""
    )
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path or None, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture
def page(chromium: Browser, demo: str) -> Iterator[Page]:
    """A fresh tab of somebody in Shanghai who reads Chinese; an error in its console fails the test."""
    context = chromium.new_context(base_url=demo, viewport=DESKTOP, locale="zh-CN", timezone_id="Asia/Shanghai")  # type: ignore[arg-type]
    page = context.new_page()
    page.set_default_timeout(15_000)
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda message: _note(message, faults))
    yield page
    context.close()
    assert faults == []


def _note(message: ConsoleMessage, faults: list[str]) -> None:
    if message.type == "error":
        faults.append(message.text)


@pytest.fixture
def shoot(page: Page) -> Callable[[str], None]:
    """Keep what is on the screen as ``var/screenshots/<name>-desktop.png`` and ``-phone.png``."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)

    def keep(name: str) -> None:
        for suffix, size in (("phone", PHONE), ("desktop", DESKTOP)):
            page.set_viewport_size(size)  # type: ignore[arg-type]
            page.wait_for_timeout(250)  # charts and the side bar move to their new width
            whole = max(size["height"], page.evaluate("document.documentElement.scrollHeight"))
            page.set_viewport_size({"width": size["width"], "height": whole})  # what sticks to the bottom stays there
            page.wait_for_timeout(100)
            page.screenshot(path=SCREENSHOTS / f"{name}-{suffix}.png")
            wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            assert wide <= 0, f"{name} is {wide}px wider than the {suffix}"

    return keep
