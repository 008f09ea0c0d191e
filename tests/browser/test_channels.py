"""Channels as a marketer and a consumer see them: landing page, funnel, a batch from codes to the printer's file."""

import re
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.steps import sign_in

pytestmark = pytest.mark.browser
ROOT = Path(__file__).resolve().parents[2]
WORKER = (
    "import django; django.setup(); from members.channels.services import print_jobs; "
    "print(print_jobs.run_due(workers=1, slice_seconds=60.0))"
)
SCANNED = """
import django; django.setup()
from core import clock
from members.channels.models import Channel, ChannelDay, CodeBatch, Variant
channel = Channel.objects.get(name="秋茶包裹卡")
for variant, people, joined in zip(Variant.objects.order_by("id"), (1840, 1795), (202, 271)):
    batch = CodeBatch.objects.create(
        channel=channel, name=variant.name, quantity=1, variant=variant, created_at=clock.now()
    )
    ChannelDay.objects.create(
        channel=channel, batch=batch, day=clock.today(), scans=people + 310, unique_scans=people,
        signed_in=joined + 90, joined=joined,
    )
"""


def work(environment: dict[str, str]) -> str:
    """What the worker's tick does once; the state in which it leaves the print job."""
    done = subprocess.run(
        [sys.executable, "-c", WORKER], cwd=ROOT, env=environment, check=True, capture_output=True, text=True
    )
    return done.stdout.strip().splitlines()[-1]


def open_batch(page: Page) -> None:
    """The page of the inserts' batch."""
    page.goto("/admin/channels/codebatch/?q=秋茶")
    page.get_by_role("link", name=re.compile("秋茶包裹卡 1 万张")).first.click()
    expect(page.get_by_role("heading", name="秋茶包裹卡 1 万张")).to_be_visible()


def test_landing_page_shows_the_gift(page: Page, shoot: Callable[[str], None]):
    sign_in(page)
    open_batch(page)
    code = page.locator("#codes .ch-code").first.inner_text()

    page.goto(f"/q/{code}")

    expect(page.get_by_role("heading").first).to_be_visible()
    expect(page.get_by_text(code).first).to_be_visible()
    shoot("landing")


def test_funnel_leads_from_all_channels_to_one(page: Page, shoot: Callable[[str], None]):
    sign_in(page)
    page.goto("/admin/channels/funnel/")
    page.wait_for_load_state("networkidle")
    expect(page.locator("#funnel tbody tr").first).to_be_visible()
    shoot("funnel")

    page.locator("#funnel").get_by_role("link", name="天猫旗舰店").click()
    page.get_by_role("link", name="按天").click()
    page.wait_for_load_state("networkidle")

    expect(page.get_by_text("全部渠道 ›")).to_be_visible()
    expect(page.locator("#funnel tbody tr")).to_have_count(30)
    shoot("funnel-by-day")


def test_funnel_as_a_file(page: Page):
    sign_in(page)
    page.goto("/admin/channels/funnel/")

    with page.expect_download() as waiting:
        page.get_by_role("link", name="下载 CSV").click()

    rows = Path(waiting.value.path()).read_text("utf-8-sig").splitlines()
    assert rows[-1].startswith("合计,")


def make_batch(page: Page, shoot: Callable[[str], None]) -> None:
    """Forty codes for the inserts; their batch's page is open afterwards."""
    page.goto("/admin/channels/channel/")
    shoot("channels")
    page.get_by_role("link", name="秋茶包裹卡").click()
    shoot("channel")
    page.get_by_role("link", name="新建一批码").first.click()
    page.fill("[name=name]", "B02 试印")
    page.fill("[name=quantity]", "40")
    page.fill("[name=print_quantity]", "40")
    shoot("batch-new")
    page.get_by_role("button", name="生成码").click()


def ask_for_prints(page: Page, shoot: Callable[[str], None]) -> None:
    """An insert with a headline, two lines and a footer, on A4 sheets."""
    page.get_by_role("link", name="打印版").first.click()
    page.fill("[name=headline]", "扫码领见面礼")
    page.fill("[name=lines]", "新朋友送 100 积分\n微信扫一扫")
    page.fill("[name=footer]", "山野茶集")
    shoot("print-sheet")
    page.get_by_role("button", name="生成文件").click()


def test_batch_becomes_the_printers_file(page: Page, shoot: Callable[[str], None], demo_environment: dict[str, str]):
    sign_in(page)
    make_batch(page, shoot)
    ask_for_prints(page, shoot)
    expect(page.locator("#prints").get_by_text("等待中")).to_be_visible()

    assert work(demo_environment) == "finished"

    page.reload()
    expect(page.locator("#prints").get_by_text("40 / 40")).to_be_visible()
    shoot("print-job")
    with page.expect_download() as waiting:
        page.locator("#prints").get_by_role("link", name="下载").click()
    with zipfile.ZipFile(waiting.value.path()) as archive:
        assert sorted(archive.namelist()) == ["manifest.csv", "print.pdf"]


def test_prefix_rule_is_set_up_step_by_step(page: Page, shoot: Callable[[str], None]):
    sign_in(page)
    page.goto("/admin/channels/setup/")
    expect(page.get_by_role("heading", name="验证域名")).to_be_visible()
    shoot("prefix-rule")
    page.get_by_role("link", name="填写验证文件").click()
    page.fill("[name=name]", "aB3dE6gH9k.txt")
    page.fill("[name=content]", "0f1e2d3c4b5a69788796a5b4c3d2e1f0")
    page.get_by_role("button", name="保存").click()

    assert page.request.get("/q/aB3dE6gH9k.txt").text() == "0f1e2d3c4b5a69788796a5b4c3d2e1f0"


def test_experiment_report(page: Page, shoot: Callable[[str], None], demo_environment: dict[str, str]):
    sign_in(page)
    page.goto("/admin/channels/experiment/add/")
    page.fill("[name=name]", "积分还是茶样")
    page.fill("[name=question]", "送积分和送茶样，哪个让更多人入会？")
    page.fill("[name=variants]", "送积分\n送茶样")
    page.get_by_role("button", name="保存").click()

    page.get_by_role("link", name="积分还是茶样").click()

    expect(page.get_by_text("人数太少")).to_be_visible()
    subprocess.run([sys.executable, "-c", SCANNED], cwd=ROOT, env=demo_environment, check=True)
    page.reload()
    expect(page.get_by_text("“送茶样”确实比“送积分”好")).to_be_visible()
    shoot("experiment")
