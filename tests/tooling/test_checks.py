"""Docs checks and generated pages: what a page promises exists, and tables replace only what is between their marks."""

import pytest

from tools import check, doc_check, docs

pytestmark = pytest.mark.sqlite


@pytest.fixture
def page(tmp_path, monkeypatch):
    """Writes a page into a tree of its own and gives its faults."""
    for name in ("Makefile", "bootstrap.py"):
        (tmp_path / name).write_text((doc_check.ROOT / name).read_text())
    monkeypatch.setattr(doc_check, "ROOT", tmp_path)
    (tmp_path / "other.md").write_text("# Two words\n")

    def faults(text: str) -> list[str]:
        path = tmp_path / "page.md"
        path.write_text(text)
        return list(doc_check.faults_of(path))

    return faults


def test_a_page_that_keeps_its_promises(page):
    text = "[a](other.md#two-words) [b](https://example.com)\n`make run` `manage.py migrate`\n    make test\n"

    assert page(text) == []


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("[a](gone.md)", "nothing is at gone.md"),
        ("[a](other.md#three-words)", "nothing is at other.md#three-words"),
        ('<img src="shot.png">', "nothing is at shot.png"),
        ("`make fly`", "there is no make target fly"),
        ("python3 bootstrap.py fly", "there is no bootstrap command fly"),
        ("`manage.py fly_away`", "there is no management command fly_away"),
        ("see tools/fly.py", "there is no file tools/fly.py"),
    ],
)
def test_a_broken_promise_is_named(page, text, fault):
    assert page(text) == [f"page.md: {fault}"]


def test_the_pages_of_this_tree_keep_their_promises():
    assert doc_check.faults() == []


def test_a_table_replaces_what_stands_between_its_marks():
    text = "before\n<!-- races -->\nold\n<!-- /races -->\nafter <!-- bench -->\n"

    changed = docs.with_table(
        text, "races", docs.table([{"case": "spend", "rounds": 200}, {"case": "earn", "e_r": 0.61234}])
    )

    assert changed == (
        "before\n<!-- races -->\n\n| case | rounds | e_r |\n| --- | --- | --- |\n"
        "| spend | 200 |  |\n| earn |  | 0.612 |\n\n<!-- /races -->\nafter <!-- bench -->\n"
    )


def test_a_host_of_a_registry_in_a_tracked_file_is_found(monkeypatch, tmp_path):
    path = tmp_path / "notes.md"
    path.write_text("see https://" + "pypi" + ".org/simple")
    monkeypatch.setattr(check, "ROOT", tmp_path)
    monkeypatch.setattr(check, "tracked_files", lambda: iter([path]))

    assert check.forbidden_words() == "notes.md: " + "pypi" + ".org"
