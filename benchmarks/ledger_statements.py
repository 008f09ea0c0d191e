# ruff: noqa: E501 - a value is written out where pgbench needs it
"""The plain statements of earning, spending, holding and capturing, frozen; and the book on which they run.

``%(m)s`` is the member and ``%(key)s`` the source's key; what a statement returns is there for the next.
"""

MEMBERS = 16_000
SHARE = MEMBERS // 16

ACCOUNT_EARN = "UPDATE points_pointsaccount SET balance = balance + 5, seq = seq + 1 WHERE member_id = %(m)s RETURNING seq, balance"
ACCOUNT_SPEND = "UPDATE points_pointsaccount SET balance = balance - 5, seq = seq + 1 WHERE member_id = %(m)s AND balance >= 5 RETURNING seq, balance"
ACCOUNT_HOLD = "UPDATE points_pointsaccount SET balance = balance - 5, held = held + 5, seq = seq + 1 WHERE member_id = %(m)s AND balance >= 5 RETURNING seq, balance"
ACCOUNT_CAPTURE = "UPDATE points_pointsaccount SET held = held - 5 WHERE member_id = %(m)s AND held >= 5"
ENTRY = """
INSERT INTO points_pointsentry (member_id, seq, kind, delta, balance_after, debt_after, label, source_kind, source_key,
                                expires_on, occurred_at, business_on)
VALUES (%(m)s, %(seq)s, '{kind}', {delta}, %(balance)s, 0, 'bench', 'bench.act', CAST(%(key)s AS text), {expires}, now(), current_date)
RETURNING id AS entry
"""
LOT = """
INSERT INTO points_pointslot (member_id, expires_on, remaining, is_open) VALUES (%(m)s, '2027-11-30', 5, TRUE)
ON CONFLICT (member_id, expires_on) DO UPDATE SET remaining = points_pointslot.remaining + 5
"""
ALLOCATE = """
INSERT INTO points_pointsallocation (entry_id, lot_id, amount)
SELECT %(entry)s, t.id, -CASE WHEN t.run <= 5 THEN t.remaining ELSE 5 - (t.run - t.remaining) END
  FROM (SELECT id, remaining, sum(remaining) OVER (ORDER BY expires_on) AS run FROM points_pointslot
         WHERE member_id = %(m)s AND remaining > 0 AND expires_on >= current_date) t
 WHERE t.run - t.remaining < 5
"""
TAKE_FROM_LOTS = """
UPDATE points_pointslot SET remaining = points_pointslot.remaining + a.amount
  FROM points_pointsallocation a WHERE a.entry_id = %(entry)s AND points_pointslot.id = a.lot_id
"""
HOLD = """
INSERT INTO points_pointshold (member_id, entry_id, points, captured, state, source_kind, source_key, due_at)
VALUES (%(m)s, %(entry)s, 5, 0, 'open', 'bench.act', CAST(%(key)s AS text), now() + interval '15 minutes')
"""
CAPTURE = """
UPDATE points_pointshold SET state = 'captured', captured = 5, ended_at = now()
 WHERE member_id = %(m)s AND source_kind = 'bench.act' AND source_key = CAST(%(key)s AS text) AND state = 'open'
"""
ENTRY_EARN = ENTRY.format(kind="earn", delta="5", expires="'2027-11-30'")
ENTRY_SPEND = ENTRY.format(kind="spend", delta="-5", expires="NULL")
ENTRY_HOLD = ENTRY.format(kind="hold", delta="-5", expires="NULL")

# Each act is one transaction or two.
ACTS: dict[str, tuple[tuple[str, ...], ...]] = {
    "earn": ((ACCOUNT_EARN, ENTRY_EARN, LOT),),
    "spend": ((ACCOUNT_SPEND, ENTRY_SPEND, ALLOCATE, TAKE_FROM_LOTS),),
    "hold": (
        (ACCOUNT_HOLD, ENTRY_HOLD, ALLOCATE, TAKE_FROM_LOTS, HOLD),
        (CAPTURE, ACCOUNT_CAPTURE),
    ),
}
ROWS = {"earn": 3, "spend": 4, "hold": 7}

# A book of MEMBERS members with ``entries`` earnings of 100 points each, in 12 lots.
BOOK = """
INSERT INTO accounts_member (id, public_id, member_no, joined_at, nickname, avatar_url, token_version, blocked_reason,
                             is_test, first_seen_at, last_seen_on)
SELECT n, gen_random_uuid(), lpad(CAST(n AS text), 12, '0'), now(), '', '', 1, '', FALSE, now(), current_date
  FROM generate_series(1, {members}) n;
INSERT INTO points_pointsaccount (member_id, balance, debt, held, seq, opened_at)
SELECT id, {entries} * 100, 0, 0, {entries}, now() FROM accounts_member;
INSERT INTO points_pointsentry (member_id, seq, kind, delta, balance_after, debt_after, label, source_kind, source_key,
                                expires_on, occurred_at, business_on)
SELECT m.id, g.s, 'earn', 100, g.s * 100, 0, 'bench', 'bench.seed', CAST(g.s AS text),
       current_date + CAST(30 * (1 + g.s % 12) AS int), now(), current_date
  FROM accounts_member m, generate_series(1, {entries}) g(s) ORDER BY m.id, g.s;
INSERT INTO points_pointslot (member_id, expires_on, remaining, is_open)
SELECT member_id, expires_on, sum(delta), TRUE FROM points_pointsentry GROUP BY member_id, expires_on;
"""
TABLES = ("points_pointsaccount", "points_pointsentry", "points_pointslot")
FAULTS = """
SELECT count(*) FROM points_pointsaccount a
 WHERE a.balance <> (SELECT sum(delta) FROM points_pointsentry e WHERE e.member_id = a.member_id)
    OR a.balance <> (SELECT sum(remaining) FROM points_pointslot l WHERE l.member_id = a.member_id)
"""
EFFECTS = {
    "earn": "SELECT count(*) FROM points_pointsentry WHERE source_kind = 'bench.act'",
    "spend": "SELECT count(*) FROM points_pointsentry WHERE source_kind = 'bench.act'",
    "hold": "SELECT count(*) FROM points_pointshold WHERE state = 'captured'",
}


def script(act: str) -> str:
    """``act`` for pgbench: client ``c`` takes its own members; ``:key`` is new each time."""
    lines = [
        "\\set n :n + 1",
        f"\\set m :client_id * {SHARE} + 1 + :n % {SHARE}",
        "\\set key :client_id * 100000000 + :n",
    ]
    for statements in ACTS[act]:
        lines.append("BEGIN;")
        for statement in statements:
            text = " ".join(statement.split())
            for name in ("m", "seq", "balance", "entry", "key"):
                text = text.replace(f"%({name})s", f":{name}")
            lines.append(f"{text} \\gset" if "RETURNING" in text else f"{text};")
        lines.append("COMMIT;")
    return "\n".join(lines) + "\n"
