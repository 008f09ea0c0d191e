"""The demo's people: thirty invented members who joined over the last sixty days."""

from datetime import date, datetime, timedelta
from typing import Any

from core import clock
from core.commands import command
from members.accounts.models import Identity, Member
from members.accounts.rules import ConsentGiven
from members.accounts.services.membership import enrol
from members.accounts.services.sessions import admit
from platforms.protocols import PlatformIdentity

# (name in the login code, nickname, days since the first visit, days until joining, birthday)
PEOPLE: tuple[tuple[str, str, int, int, str], ...] = (
    ("xiaoman", "小满", 60, 0, "1993-05-21"),
    ("laozhou", "老周喝茶", 60, 1, "1971-10-03"),
    ("chacha", "茶茶不加糖", 58, 0, ""),
    ("mumu", "木木", 57, 0, "1998-02-14"),
    ("shanfeng", "山里来的风", 55, 2, ""),
    ("amay", "阿May", 54, 0, "1990-12-08"),
    ("chenpi", "陈皮爱普洱", 52, 0, ""),
    ("xiaolu", "林间小鹿", 51, 0, "2001-07-30"),
    ("lanmao", "一只懒猫", 49, 3, ""),
    ("nuomi", "糯米团子", 47, 0, "1996-11-25"),
    ("bantang", "半糖", 46, 0, ""),
    ("cindy", "Cindy🌸", 44, 0, "1988-03-17"),
    ("doujiang", "豆浆油条", 43, 1, ""),
    ("qinghuan", "清欢有味", 41, 0, "1985-09-09"),
    ("aze", "阿泽", 38, 0, ""),
    ("xuxu", "徐徐图之", 36, 0, "1979-01-28"),
    ("taotao", "桃桃乌龙", 33, 0, "1999-06-06"),
    ("laochen", "陈师傅", 31, 5, ""),
    ("juanjuan", "卷卷", 29, 0, "2003-04-12"),
    ("yueban", "月半弯", 27, 0, ""),
    ("youzi", "柚子皮", 24, 0, "1994-08-19"),
    ("jiangnan", "江南听雨", 22, 0, ""),
    ("xiaoyu", "小鱼干🐟", 19, 1, "1997-10-31"),
    ("dabai", "大白", 16, 0, ""),
    ("sunjie", "孙姐的小院", 13, 0, "1968-12-22"),
    ("wutang", "无糖可乐", 11, 0, "2000-02-29"),
    ("miao", "喵小姐", 8, 0, ""),
    ("beiguo", "背着锅去爬山", 6, 0, "1992-05-04"),
    ("qiuqiu", "球球麻麻", 4, 0, ""),
    ("tiantian", "甜甜圈", 2, 0, "1995-11-11"),
)
CONSENTS = (ConsentGiven("terms", "1"), ConsentGiven("privacy", "1"), ConsentGiven("marketing", "1"))


@command
def seed(context: dict[str, Any]) -> None:
    """Add the people to ``context["members"]``, joined before ``context["today"]``; who is there already stays."""
    for number, person in enumerate(PEOPLE):
        context.setdefault("members", []).append(_settle(number, person, context["today"]))


def _settle(number: int, person: tuple[str, str, int, int, str], today: date) -> Member:
    name, nickname, days_ago, until_joining, birthday = person
    known = Identity.objects.filter(platform="sandbox", openid=f"demo-{name}").select_related("member").first()
    if known is not None:
        return known.member
    identity = PlatformIdentity(platform="sandbox", app_id="sandbox", openid=f"demo-{name}")
    first_on = today - timedelta(days=days_ago)
    member, _is_new = admit(identity=identity, launch={}, at=_moment(first_on, number))
    joined_at = _moment(first_on + timedelta(days=until_joining), number, minutes=4)
    enrol(member=member, consents=CONSENTS, place="demo", at=joined_at)
    last_on = today - timedelta(days=number * 7 % min(days_ago - until_joining, 9))
    born = date.fromisoformat(birthday) if birthday else None
    Member.objects.filter(pk=member.pk).update(
        nickname=nickname, birthday=born, birthday_changed_on=born and clock.business_date(joined_at),
        last_seen_on=last_on,
    )  # fmt: skip
    member.refresh_from_db()
    return member


def _moment(day: date, number: int, *, minutes: int = 0) -> datetime:
    """Some time between eight in the morning and eleven at night."""
    return clock.start_of(day) + timedelta(hours=8, minutes=(number * 137) % 890 + minutes)
