"""Catalogues: what the source says is found, kept, and every kind of gap is a fault."""

import polib
import pytest

from tools import messages

pytestmark = pytest.mark.sqlite
SOURCE = """
from django.utils.translation import gettext_lazy as _, ngettext, pgettext
A = _("Check in")
B = ngettext("%(n)s day", "%(n)s days", 3)
C = pgettext("verb", "Draw")
D = _("Hello "
      "%(name)s")
"""
TEMPLATE = """
{% load i18n %}
    <p title="{% translate "Points" %}">
  {% blocktranslate count n=days trimmed %}One day, {{ name }}{% plural %}
      {{ n }} days{% endblocktranslate %}</p>
"""


@pytest.fixture
def app(tmp_path, monkeypatch):
    """An app with one module and one template."""
    monkeypatch.setattr(messages, "ROOT", tmp_path)
    (tmp_path / "teas" / "templates").mkdir(parents=True)
    (tmp_path / "teas" / "services.py").write_text(SOURCE)
    (tmp_path / "teas" / "templates" / "page.html").write_text(TEMPLATE)
    return "teas"


def translate(app: str, **changes: str) -> polib.POFile:
    """Give every text a translation, but those in ``changes`` the one named there."""
    messages.update([app])
    po = polib.pofile(str(messages.catalogue(app)))
    for entry in po:
        placeholders = "".join(messages.PLACEHOLDER.findall(entry.msgid_plural or entry.msgid))
        text = changes.get(entry.msgid.replace(" ", "_"), f"好{placeholders}")
        if entry.msgid_plural:
            entry.msgstr_plural = {0: text}
        else:
            entry.msgstr = text
    po.save()
    return po


def test_texts_of_modules_and_templates_are_found(app):
    found = messages.messages(app)

    assert set(found) == {
        ("", "Check in"),
        ("", "%(n)s day"),
        ("verb", "Draw"),
        ("", "Hello %(name)s"),
        ("", "Points"),
        ("", "One day, %(name)s"),
    }
    assert found["", "%(n)s day"].plural == "%(n)s days"


def test_a_complete_catalogue_has_no_fault(app):
    translate(app)
    messages.compile_catalogues([app])

    assert list(messages.faults_of(app)) == []


def test_update_adds_what_is_missing_and_keeps_what_is_there(app, tmp_path):
    translate(app, Check_in="签到")
    (tmp_path / "teas" / "rules.py").write_text('from x import _\nE = _("Later")\n')

    messages.update([app])

    texts = {entry.msgid: entry.msgstr for entry in polib.pofile(str(messages.catalogue(app)))}
    assert texts["Check in"] == "签到"
    assert texts["Later"] == ""


def test_a_text_that_the_catalogue_lacks_is_a_fault(app, tmp_path):
    translate(app)
    messages.compile_catalogues([app])
    (tmp_path / "teas" / "rules.py").write_text('from x import _\nE = _("Later")\n')

    assert list(messages.faults_of(app)) == ["teas/rules.py: not in the catalogue of teas: 'Later'"]


def test_an_untranslated_and_a_fuzzy_text_are_faults(app):
    po = translate(app, Points="")
    po.find("Check in").flags.append("fuzzy")
    po.save()
    messages.compile_catalogues([app])

    assert set(messages.faults_of(app)) == {"teas: untranslated: 'Points'", "teas: fuzzy: 'Check in'"}


def test_a_lost_placeholder_is_a_fault(app):
    po = translate(app)
    po.find("Hello %(name)s").msgstr = "你好"
    po.save()
    messages.compile_catalogues([app])

    assert list(messages.faults_of(app)) == ["teas: placeholders differ: 'Hello %(name)s'"]


def test_a_compiled_catalogue_that_says_something_else_is_a_fault(app):
    translate(app, Points="点数")
    messages.compile_catalogues([app])
    translate(app, Points="积分")

    assert list(messages.faults_of(app)) == [
        "teas: the .mo is not what the .po says; run `tools/messages.py compile teas`"
    ]


def test_two_translations_of_one_text_are_a_fault(app, tmp_path):
    translate(app, Points="积分")
    (tmp_path / "mugs").mkdir()
    (tmp_path / "mugs" / "rules.py").write_text('from x import _\nE = _("Points")\n')
    translate("mugs", Points="点数")

    assert list(messages.contradictions([app, "mugs"])) == ["mugs and teas translate 'Points' in two ways"]
