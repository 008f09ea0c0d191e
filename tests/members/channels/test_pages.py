"""The page behind a printed code: languages, apps, refusals, and nothing that leads elsewhere."""

import re
from html.parser import HTMLParser

import pytest

from members.channels import services
from members.channels.models import Scan
from members.channels.rules import codes
from members.channels.services.codes import draw
from tests.factories.channels import make_channel, make_code, make_kit

pytestmark = pytest.mark.django_db
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Safari/604.1"
WECHAT = f"{PHONE} MicroMessenger/8.0.50"
ALIPAY = f"{PHONE} AlipayClient/10.6.20"


def page(client, code, agent=PHONE, **headers):
    return client.get(f"/q/{code}", HTTP_USER_AGENT=agent, **headers)


class Links(HTMLParser):
    """Every address that the page names."""

    def __init__(self, html):
        super().__init__()
        self.found = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.found += [value for name, value in attrs if name in {"href", "src", "action", "formaction"}]


@pytest.mark.parametrize(("accept", "gift"), [("zh-CN", "100 积分"), ("en", "100 points"), ("", "100 积分")])
def test_it_shows_the_gift_in_the_readers_language(client, accept, gift):
    code = make_code(welcome_kit=make_kit(100))
    answer = page(client, code.code, HTTP_ACCEPT_LANGUAGE=accept)

    html = answer.content.decode()
    assert answer.status_code == 200
    assert gift in html
    assert codes.grouped(code.code) in html
    assert len(answer.content) < 20 * 1024


def test_the_other_language_is_one_tap_away(client):
    code = make_code(welcome_kit=make_kit(100)).code
    assert f"/q/{code}?lang=en" in Links(page(client, code).content.decode()).found

    html = page(client, f"{code}?lang=en").content.decode()

    assert '<html lang="en">' in html
    assert "100 points" in html


def test_it_runs_no_script_and_loads_nothing(client):
    answer = page(client, make_code().code)

    policy = answer["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert "unsafe" not in policy
    assert not re.search(r"<script| on\w+=|<img|<iframe| style=", answer.content.decode())
    assert answer["Cache-Control"] == "no-store"
    assert not answer.cookies


@pytest.mark.parametrize(("agent", "has_link"), [(PHONE, True), (ALIPAY, True), (WECHAT, False)])
def test_the_way_in_is_by_app(client, settings, agent, has_link):
    settings.WECHAT_APPS = [{"app_id": "wx0000000000000000"}]
    code = make_code()
    services.set_landing(code=code, path="pages/gift/index", params={"from": "a&b"})
    links = [
        each for each in Links(page(client, code.code, agent).content.decode()).found if each.startswith("weixin:")
    ]

    assert bool(links) is has_link
    if has_link:
        scan_id = Scan.objects.get().scan_id
        assert links == [
            (
                "weixin://dl/business/?appid=wx0000000000000000&path=pages%2Fgift%2Findex"
                f"&query=from%3Da%2526b%26code%3D{code.code}%26scan_id%3D{scan_id}"
            )
        ]


def test_our_own_page_needs_no_way_in(client, settings):
    settings.WECHAT_APPS = [{"app_id": "wx0000000000000000"}]
    code = make_code()
    services.set_landing(code=code, texts={"title_zh": "春茶<b>", "text_zh": "到店领取"})
    html = page(client, code.code).content.decode()

    assert "春茶&lt;b&gt;" in html
    assert "到店领取" in html
    assert "weixin:" not in html


@pytest.mark.parametrize(
    "path",
    ["//evil.example", "https%3A%2F%2Fevil.example", "x?next=https://evil.example", "x?code=//evil.example",
     "javascript:alert(1)", "%3Cscript%3E", "../../admin"],
)  # fmt: skip
def test_it_never_leads_anywhere_else(client, path):
    answer = client.get(f"/q/{path}", HTTP_USER_AGENT=PHONE)

    assert answer.status_code in {404, 422}
    assert "Location" not in answer
    if answer.status_code == 422:
        assert all(link.startswith(("/q/", "data:")) for link in Links(answer.content.decode()).found)
    assert not Scan.objects.exists()


@pytest.mark.parametrize(("fields", "status"), [({"state": "closed"}, 410), ({"state": "draft"}, 404)])
def test_a_refusal_is_friendly(client, fields, status):
    answer = page(client, make_code(**fields).code)

    assert answer.status_code == status
    assert answer["Content-Type"].startswith("text/html")
    assert "<h1>" in answer.content.decode()


def test_a_mistyped_code_can_be_typed_again(client):
    code = make_code().code
    wrong = ("1" if code[0] != "1" else "2") + code[1:]
    assert f'value="{wrong}"' in page(client, wrong).content.decode()

    assert client.get("/q/", {"code": codes.grouped(code)}, HTTP_USER_AGENT=PHONE).status_code == 200
    assert client.get("/q/").status_code == 200


def test_a_look_is_a_scan_and_a_programs_is_not(client):
    code = make_code()
    page(client, code.code)
    page(client, code.code, "Mozilla/5.0 (compatible; Baiduspider/2.0)")
    page(client, code.code, "")
    client.head(f"/q/{code.code}", HTTP_USER_AGENT=PHONE)

    assert [(scan.via, scan.member) for scan in Scan.objects.all()] == [("page", None)]


def test_a_look_at_an_ended_channel_is_counted_too(client):
    page(client, make_code(state="closed").code)

    assert Scan.objects.count() == 1


def test_guessing_on_the_page_ends_in_waiting(client):
    make_channel()
    statuses = [page(client, draw()).status_code for _ in range(130)]

    assert set(statuses) == {404, 429}
    assert statuses.count(404) <= 122
    assert int(page(client, draw())["Retry-After"]) >= 1


def test_only_looking_is_possible(client):
    assert client.post(f"/q/{make_code().code}").status_code == 405
