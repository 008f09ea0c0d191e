"""All reconciliation checks on a book of one million entries: time, memory, false alarms, eight corruptions.

Targets: below 60 s and 300 MB. The checks run in a process of their own, as the nightly tick does; the book has
earnings, spendings with allocations, open holds and pending points.
"""

import json
import subprocess
import sys
from typing import Any

import psycopg

from benchmarks.servers import ROOT, NotMeasured, database, environment

MEMBERS, EACH = 20_000, 50
TARGET_SECONDS, TARGET_PEAK_MB = 60.0, 300.0

# Each member earns 2, four times, then spends 3, and so on; at the end 1 point is held.
BOOK = f"""
INSERT INTO accounts_member (id, public_id, member_no, joined_at, nickname, avatar_url, token_version, blocked_reason,
                             is_test, first_seen_at, last_seen_on)
SELECT n, gen_random_uuid(), lpad(CAST(n AS text), 12, '0'), now(), '', '', 1, '', FALSE, now(), current_date
  FROM generate_series(1, {MEMBERS}) n;
INSERT INTO points_pointslot (member_id, expires_on, remaining, is_open)
SELECT id, DATE '9999-12-31', 0, TRUE FROM accounts_member;
INSERT INTO points_pointsentry (member_id, seq, kind, delta, balance_after, debt_after, label, source_kind, source_key,
                                expires_on, occurred_at, business_on)
SELECT m.id, s, CASE WHEN s = {EACH} THEN 'hold' WHEN s % 5 = 0 THEN 'spend' ELSE 'earn' END,
       CASE WHEN s = {EACH} THEN -1 WHEN s % 5 = 0 THEN -3 ELSE 2 END,
       2 * (s - s / 5) - 3 * (s / 5) + CASE WHEN s = {EACH} THEN 2 ELSE 0 END, 0, 'campaign:' || s % 7, 'bench',
       CAST(s AS text), CASE WHEN s % 5 <> 0 THEN DATE '9999-12-31' END, now(), current_date
  FROM generate_series(1, {EACH}) s, accounts_member m;
INSERT INTO points_pointsallocation (entry_id, lot_id, amount)
SELECT e.id, l.id, e.delta FROM points_pointsentry e JOIN points_pointslot l ON l.member_id = e.member_id
 WHERE e.delta < 0;
INSERT INTO points_pointshold (member_id, entry_id, points, captured, state, source_kind, source_key, due_at)
SELECT member_id, id, 1, 0, 'open', source_kind, source_key, now() + interval '1 day'
  FROM points_pointsentry WHERE kind = 'hold';
INSERT INTO points_pointspending (member_id, points, due_on, state, label, source_kind, source_key, created_at)
SELECT id, 5, current_date + 7, 'open', 'bench', 'bench', 'pending', now() FROM accounts_member;
INSERT INTO points_pointsaccount (member_id, balance, debt, held, seq, opened_at)
SELECT member_id, balance_after, 0, 1, seq, now() FROM points_pointsentry WHERE seq = {EACH};
UPDATE points_pointslot l SET remaining = a.balance FROM points_pointsaccount a WHERE a.member_id = l.member_id;
ANALYZE;
"""
UNGUARD = """
ALTER TABLE points_pointsentry DISABLE TRIGGER USER;
ALTER TABLE points_pointsallocation DISABLE TRIGGER USER;
ALTER TABLE points_pointslot DROP CONSTRAINT points_lot_not_negative;
"""
CORRUPTIONS = {
    "a balance one too high": "UPDATE points_pointsaccount SET balance = balance + 1 WHERE member_id = 101",
    "a missing entry": "DELETE FROM points_pointsentry WHERE member_id = 102 AND seq = 7",
    "a hold without its row": "DELETE FROM points_pointshold WHERE member_id = 103",
    "a negative lot": "UPDATE points_pointslot SET remaining = -1 WHERE member_id = 104",
    "a broken chain": "UPDATE points_pointsentry SET balance_after = 1 WHERE member_id = 105 AND seq = 9",
    "a changed allocation": """UPDATE points_pointsallocation SET amount = amount - 1 WHERE entry_id =
        (SELECT id FROM points_pointsentry WHERE member_id = 106 AND seq = 5)""",
    "held points without a hold": "UPDATE points_pointsaccount SET held = held + 1 WHERE member_id = 107",
    "forgotten pending points": "UPDATE points_pointspending SET due_on = current_date - 9 WHERE member_id = 108",
}
RUN = """
import django, json, resource, time
django.setup()
from core import reconcile
started = time.perf_counter()
results = reconcile.run()
print(json.dumps({
    "seconds": round(time.perf_counter() - started, 2),
    "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
    "slowest": max((each.seconds, each.name) for each in results)[1],
    "found": sorted({finding.subject for each in results for finding in each.findings}),
}))
"""


def measure() -> dict[str, Any]:
    """One record; refuses when a target is missed on findings, since then the time means nothing."""
    with database() as (_server, url), psycopg.connect(url, autocommit=True) as connection:
        connection.execute(BOOK)
        clean = _run(url)
        connection.execute(UNGUARD)
        for statement in CORRUPTIONS.values():
            if connection.execute(statement).rowcount != 1:
                raise NotMeasured(f"this corruption hit nothing: {statement}")
        corrupt = _run(url)
    wanted = {f"points:{100 + place}" for place, _kind in enumerate(CORRUPTIONS, 1)}
    hit = wanted & set(corrupt["found"])
    false_alarms = len(clean["found"]) + len(set(corrupt["found"]) - wanted - {"points"})
    return {
        "case": "reconcile 1,000,000 entries", "entries": MEMBERS * EACH, "seconds": clean["seconds"],
        "peak_mb": clean["peak_mb"], "slowest": clean["slowest"], "corruptions": len(CORRUPTIONS), "found": len(hit),
        "false_alarms": false_alarms, "target_seconds": TARGET_SECONDS, "target_peak_mb": TARGET_PEAK_MB,
    }  # fmt: skip


def _run(url: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-c", RUN], cwd=ROOT, env=environment(url), stdout=subprocess.PIPE, text=True, check=True
    )
    return dict(json.loads(done.stdout.splitlines()[-1]))


CASES = {"reconcile": measure}
