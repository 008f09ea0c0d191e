"""Walks through the admin as a browser would, and finds text that nobody has translated."""

import re
from collections import Counter
from collections.abc import Iterator
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

from django.contrib import admin
from django.test import Client
from django.urls import NoReverseMatch, Resolver404, resolve, reverse

from core.admin.pages import page_url, pages

PAGES_A_ROUTE = 2  # of each kind of page two are enough: the second may show another state
NOT_FOLLOWED = ("/admin/logout/", "/admin/language/", "/admin/jsi18n/", "/admin/r/", "/admin/autocomplete/")
SILENT_TAGS = {"script", "style", "template", "svg", "pre", "code", "kbd"}
SPOKEN_ATTRIBUTES = ("placeholder", "title", "aria-label", "alt")
VOID_TAGS = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}

# Words that are the same in Chinese: the product, formats and names of things that have no other name.
ALLOWED_WORDS = {
    "Homeground", "English", "JSON", "CSV", "XLSX", "Excel", "API", "URL", "ID", "IP", "UUID", "SHA", "GET", "POST",
    "Cron", "Django", "unionid", "openid", "QR", "LDAP", "Control", "Mac", "Command",
    "PNG", "SVG", "PDF", "ZIP", "WebP", "JPEG", "KB", "dpi", "Cookie", "txt", "http", "https",
    "cut", "refuse",  # the two words of a points cap, as they are typed
}  # fmt: skip
ALLOWED_PATTERNS = [
    re.compile(r"\b[A-Za-z_]+:[\w.@-]+"),  # labels such as campaign:… and staff:1
    re.compile(r"https?://\S+"),
    re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}\b"),  # UUID
    re.compile(r"\b[0-9a-f]{12,}\b"),  # hashes
    re.compile(r"\b[A-Za-z][a-z_]*(\.[a-z_]+)+(/\d+)?\b"),  # codes, topics, task names, subjects
    re.compile(r"\b\w*_\w*\b"),  # code names
    re.compile(r"\b[A-Z][a-z]+/[A-Z][a-z]+\b"),  # time zones
    re.compile(r"/admin/\S*"),
    re.compile(r"\b[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]\b"),  # a printed code
    re.compile(r"\bpages(/[a-z]+)+\b"),  # a page of the mini-program
    re.compile(r"\b[0-9A-Z]{8}\b"),  # a campaign's code
]
WORD = re.compile(r"[A-Za-z]{2,}")


class Page(HTMLParser):
    """The visible texts and the links of a page."""

    def __init__(self, html: str, address: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.links: list[str] = []
        self._address = address
        self._silent: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "a" and values.get("href"):
            self.links.append(urljoin(self._address, values["href"]))
        self.texts += [values[name] for name in SPOKEN_ATTRIBUTES if values.get(name)]
        if tag == "input" and values.get("type") in {"submit", "button"}:
            self.texts.append(values.get("value", ""))
        if tag not in VOID_TAGS and (self._silent or tag in SILENT_TAGS or is_silent(tag, values)):
            self._silent.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if self._silent and tag in self._silent:
            while self._silent.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        if not self._silent and data.strip():
            self.texts.append(" ".join(data.split()))


def is_silent(tag: str, attributes: dict[str, str]) -> bool:
    """Icons are ligatures of English words; ``translate="no"`` marks data, ``lang="en"`` a text that is meant so."""
    is_icon = "material-symbols-outlined" in attributes.get("class", "")
    return is_icon or attributes.get("translate") == "no" or (attributes.get("lang") == "en" and tag != "html")


def foreign_words(text: str, names: set[str]) -> list[str]:
    """English words in ``text`` that are not on the short list; ``names`` are those of the data, in lower case."""
    for pattern in ALLOWED_PATTERNS:
        text = pattern.sub(" ", text)
    return [word for word in WORD.findall(text) if word not in ALLOWED_WORDS and word.lower() not in names]


def untranslated(page: Page, names: set[str]) -> list[str]:
    """The texts of ``page`` with foreign words."""
    return sorted({text for text in page.texts if foreign_words(text, names)})


def crawl(client: Client) -> Iterator[tuple[str, Page]]:
    """Every kind of page that can be reached: from the registries, and by following links."""
    seen: set[str] = set()
    kinds: Counter[str] = Counter()
    queue = [(address, True) for address in starting_points()]
    while queue:
        address, is_guess = queue.pop(0)
        kind = kind_of(address)
        if not kind or address in seen or kinds[kind] >= PAGES_A_ROUTE:
            continue
        seen.add(address)
        response = client.get(address)
        if is_guess and response.status_code == 403:  # a read-only table has no form to add a row
            continue
        if "text/html" not in response.get("Content-Type", ""):
            continue
        assert response.status_code in {200, 302}, f"{address} answers {response.status_code}"
        kinds[kind] += 1
        page = Page(response.content.decode(), address)
        yield address, page
        queue += [(urlsplit(link).path, False) for link in page.links]


def starting_points() -> Iterator[str]:
    """The landing page, list and form of every registered model, and own pages without arguments."""
    yield reverse("admin:index")
    for model in admin.site._registry:
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        yield reverse(f"{name}_changelist")
        yield reverse(f"{name}_add")
        row = model._default_manager.order_by("-pk").first()
        if row is not None:
            yield from (reverse(f"{name}_{page}", args=[row.pk]) for page in ("change", "history", "delete"))
    for name in pages:
        try:
            yield page_url(name)
        except NoReverseMatch:
            continue  # it needs arguments: links lead there


def kind_of(address: str) -> str:
    """The route behind ``address``; empty for what is not a page of the admin."""
    path = urlsplit(address).path
    if not path.startswith("/admin/") or path.startswith(NOT_FOLLOWED):
        return ""
    try:
        match = resolve(path)
    except Resolver404:
        return ""
    return "" if match.url_name is None else match.view_name
