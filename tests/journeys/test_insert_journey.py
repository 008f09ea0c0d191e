"""J1 and J2: from a printed sheet to a member with a gift, over HTTP; another phone; a retry; retarget after print."""

import csv
import io
import threading
import uuid
import zipfile
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import httpx
import pytest

from core import reconcile
from members.channels import services
from members.channels.models import Attribution, ChannelDay, Scan, Welcome
from members.points.models import PointsEntry
from platforms.artwork.batch import run_batch
from platforms.artwork.spec import BatchSpec, Card, CodeItem, Format, PrintJob, Symbol
from tests.factories.channels import make_channel, make_kit
from tests.platforms.artwork.samples import decoded, rendered
from tests.platforms.artwork.test_print import DOTS, TOLERANCE_MM, cell_image

pytestmark = pytest.mark.django_db(transaction=True)
CONSENTS = [{"purpose": "terms", "version": "1"}, {"purpose": "privacy", "version": "1"}]
SHEET = BatchSpec(
    Symbol(size_mm=28), frozenset({Format.PDF}),
    PrintJob(Card(54, 86, "扫码领新人礼", ("入会即送 100 积分",), "微信扫一扫"), title="秋茶包裹卡"),
)  # fmt: skip
PER_SHEET = 9


@pytest.fixture
def batch():
    """Eleven codes of a channel with a kit of a hundred points."""
    channel = make_channel(name="秋茶包裹卡", welcome_kit=make_kit(100))
    services.set_landing(channel=channel, path="pages/gift/index", params={"from": "insert"})
    return services.create_batch(channel=channel, name="一批", quantity=11, print_quantity=11)


@pytest.fixture
def printed(batch, tmp_path):
    """The sheet and its manifest, as the printer gets them."""
    items = [
        CodeItem(code, f"https://q.example.cn/q/{code}", "秋茶")
        for code in batch.codes.order_by("id").values_list("code", flat=True)
    ]
    run_batch(SHEET, items, workdir=tmp_path / "job", output=tmp_path / "sheet.zip", workers=1)
    with zipfile.ZipFile(tmp_path / "sheet.zip") as file:
        manifest = list(csv.DictReader(io.StringIO(file.read("manifest.csv").decode("utf-8-sig"))))
        return file.read("print.pdf"), manifest


class Phone:
    """A mini-program opened by a scanned address: it knows that address and the API, nothing else."""

    def __init__(self, base: str, name: str) -> None:
        self.http = httpx.Client(base_url=f"{base}/api/v1", timeout=30, headers={"X-Device-Id": f"phone-{name}"})
        self.name, self.scan_id = name, str(uuid.uuid4())

    def scan(self, url: str) -> dict:
        self.code = urlsplit(url).path.rpartition("/")[2]
        found = self.http.get(f"/codes/{self.code}")
        assert found.status_code == 200, found.text
        assert self.report().status_code == 201
        return found.json()

    def report(self) -> httpx.Response:
        body = {"scan_id": self.scan_id, "code": self.code, "scancode_time": 1_795_309_200, "launch_scene": 1011}
        return self.http.post("/scans", json=body)

    def sign_in(self) -> httpx.Response:
        launch = {"channel_code": self.code, "scan_id": self.scan_id, "launch_scene": 1011}
        body = {"platform": "sandbox", "code": f"demo-{self.name}", "launch": launch}
        session = self.http.post("/sessions", json=body)
        self.http.headers["Authorization"] = f"Bearer {session.json()['token']}"
        return session

    def join(self) -> httpx.Response:
        return self.http.post("/me/membership", json={"consents": CONSENTS})

    def balance(self) -> int:
        return int(self.http.get("/me/points").json()["balance"])


def all_right() -> bool:
    services.count_all()
    return [finding for result in reconcile.run() for finding in result.findings] == []


def test_every_cell_of_the_sheet_is_what_the_manifest_says(printed):
    pdf, manifest = printed
    found = []
    for page in (0, 1):
        proof = rendered(pdf, page)
        found += [decoded(cell_image(proof, SHEET, index)[0]) for index in range(PER_SHEET)]

    assert found == [[row["url"]] for row in manifest] + [[]] * 7
    assert [(row["page"], row["column"], row["row"]) for row in manifest[:4]] == [
        ("1", "1", "1"), ("1", "2", "1"), ("1", "3", "1"), ("1", "1", "2"),
    ]  # fmt: skip


def test_modules_and_quiet_zone_are_exact_to_a_tenth_of_a_millimetre(printed):
    proof = rendered(printed[0], 0)
    square, x, y = cell_image(proof, SHEET, 0)
    box = square.point(lambda grey: 255 if grey < 128 else 0).getbbox()
    assert box is not None
    left, top, right, bottom = box
    modules = round((right - left) / DOTS / 28 * 37) + 8
    quiet = 4 * 28 / modules

    assert [(left - x) / DOTS, (top - y) / DOTS] == pytest.approx([quiet, quiet], abs=TOLERANCE_MM)
    assert [(28 * DOTS - right + x) / DOTS, (28 * DOTS - bottom + y) / DOTS] == pytest.approx(
        [quiet, quiet], abs=TOLERANCE_MM
    )


def test_from_the_sheet_to_a_member_with_a_gift(printed, live_server, clock):
    [[url], *_rest] = [decoded(cell_image(rendered(printed[0], 0), SHEET, 0)[0])]
    phone = Phone(live_server.url, "mei")
    seen = phone.scan(url)
    assert seen["gift"] == {"rewards": ["100 积分"], "state": "available"}
    assert phone.sign_in().status_code == 201
    assert phone.join().json()["is_member"]

    assert phone.balance() == 100
    assert phone.http.get(f"/codes/{phone.code}").json()["gift"]["state"] == "received"
    assert Attribution.objects.get().first_code.code == phone.code
    assert all_right()
    day = ChannelDay.objects.get()
    assert (day.scans, day.unique_scans, day.signed_in, day.joined) == (1, 1, 1, 1)


def test_every_step_may_be_repeated(printed, live_server, clock):
    phone = Phone(live_server.url, "mei")
    phone.scan(printed[1][0]["url"])
    for _ in range(3):
        phone.report()
        phone.sign_in()
        phone.join()
    phone.scan_id = str(uuid.uuid4())  # the same person scans the same insert once more
    phone.report()
    phone.sign_in()
    phone.join()

    assert phone.balance() == 100
    assert (Scan.objects.count(), Welcome.objects.count(), PointsEntry.objects.count()) == (2, 1, 1)
    assert all_right()
    assert ChannelDay.objects.values_list("scans", "unique_scans", "joined").get() == (2, 1, 1)


@pytest.mark.postgres  # two connections: SQLite in memory has one
def test_two_phones_at_once_have_one_gift_each(printed, live_server, clock):
    url, start = printed[1][0]["url"], threading.Barrier(2)

    def whole_way(name: str) -> int:
        phone = Phone(live_server.url, name)
        start.wait(30)
        phone.scan(url)
        phone.sign_in()
        phone.join()
        return phone.balance()

    with ThreadPoolExecutor(2) as pool:
        balances = list(pool.map(whole_way, ["mei", "lan"]))

    assert balances == [100, 100]
    assert Attribution.objects.count() == Welcome.objects.count() == 2
    assert all_right()


def test_a_printed_insert_leads_elsewhere_later(printed, batch, live_server, clock):
    url = printed[1][0]["url"]
    assert Phone(live_server.url, "mei").scan(url)["landing"]["path"] == "pages/gift/index"

    services.set_landing(channel=batch.channel, path="pages/spring/index", priority=1)

    assert Phone(live_server.url, "lan").scan(url)["landing"]["path"] == "pages/spring/index"
    page = httpx.get(f"{live_server.url}{urlsplit(url).path}", headers={"User-Agent": "Mozilla/5.0 MicroMessenger/8"})
    assert page.status_code == 200
    assert "100 积分" in page.text
