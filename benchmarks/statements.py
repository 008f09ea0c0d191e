# ruff: noqa: E501 - a value is written out where pgbench needs it
"""The plain statements of each act, frozen: what R, P and N write in place of our code.

``%(x)s`` is filled by psycopg; :func:`for_pgbench` turns the same text into a pgbench script.
"""

import re

CAMPAIGN = "01930000-0000-7000-8000-000000000001"  # stands in the statements too

STANDING = """
UPDATE checkins_checkinstanding SET streak = streak + 1, tally = tally + 1, longest = GREATEST(longest, streak + 1),
       last_on = current_date
 WHERE member_id = %(m)s AND campaign_id = '01930000-0000-7000-8000-000000000001' AND last_on < current_date
RETURNING streak, tally
"""
CHECK_IN = """
INSERT INTO checkins_checkin (member_id, campaign_id, checked_on, kind, streak, day, tally, points, balance_after,
                              rewards, version_id, at)
VALUES (%(m)s, '01930000-0000-7000-8000-000000000001', current_date, 'daily', %(streak)s, %(streak)s, %(tally)s, 5, NULL,
        '[{"kind": "points", "amount": 5}]', 1, now())
"""
ACCOUNT = """
UPDATE points_pointsaccount SET balance = balance + 5, seq = seq + 1 WHERE member_id = %(m)s RETURNING seq, balance
"""
ENTRY = """
INSERT INTO points_pointsentry (member_id, seq, kind, delta, balance_after, debt_after, label, source_kind, source_key,
                                expires_on, occurred_at, business_on)
VALUES (%(m)s, %(seq)s, 'earn', 5, %(balance)s, 0, 'campaign-bench', 'checkins.day',
        '01930000-0000-7000-8000-000000000001' || ':' || current_date, '2027-11-30', now(), current_date)
"""
LOT = """
INSERT INTO points_pointslot (member_id, expires_on, remaining, is_open) VALUES (%(m)s, '2027-11-30', 5, TRUE)
ON CONFLICT (member_id, expires_on) DO UPDATE SET remaining = points_pointslot.remaining + 5, is_open = TRUE
"""
EVENT = """
INSERT INTO core_event (event_id, topic, version, member_id, campaign_id, subject, payload, occurred_at, business_on,
                        is_test, delivered_at, attempts, available_at, dead)
VALUES (gen_random_uuid(), 'checkins.checked_in', 1, %(m)s, '01930000-0000-7000-8000-000000000001', '01930000-0000-7000-8000-000000000001' || ':' || CAST(%(m)s AS bigint),
        '{"checked_on": "2026-11-22", "kind": "daily", "streak": 2, "day": 2, "tally": 2, "points": 5}', now(),
        current_date, FALSE, now(), 0, now(), FALSE)
"""
CHECK_IN_ACT = (STANDING, CHECK_IN, ACCOUNT, ENTRY, LOT, EVENT)

CHECK_IN_CTE = """
WITH standing AS (
  UPDATE checkins_checkinstanding SET streak = streak + 1, tally = tally + 1, longest = GREATEST(longest, streak + 1),
         last_on = current_date
   WHERE member_id = %(m)s AND campaign_id = '01930000-0000-7000-8000-000000000001' AND last_on < current_date RETURNING streak, tally),
check_in AS (
  INSERT INTO checkins_checkin (member_id, campaign_id, checked_on, kind, streak, day, tally, points, balance_after,
                                rewards, version_id, at)
  SELECT %(m)s, '01930000-0000-7000-8000-000000000001', current_date, 'daily', streak, streak, tally, 5, NULL,
         '[{"kind": "points", "amount": 5}]', 1, now() FROM standing),
account AS (
  UPDATE points_pointsaccount SET balance = balance + 5, seq = seq + 1
   WHERE member_id = %(m)s AND EXISTS (SELECT 1 FROM standing) RETURNING seq, balance),
entry AS (
  INSERT INTO points_pointsentry (member_id, seq, kind, delta, balance_after, debt_after, label, source_kind,
                                  source_key, expires_on, occurred_at, business_on)
  SELECT %(m)s, seq, 'earn', 5, balance, 0, 'campaign-bench', 'checkins.day', '01930000-0000-7000-8000-000000000001' || ':' || current_date,
         '2027-11-30', now(), current_date FROM account),
lot AS (
  INSERT INTO points_pointslot (member_id, expires_on, remaining, is_open)
  SELECT %(m)s, '2027-11-30', 5, TRUE FROM account
  ON CONFLICT (member_id, expires_on) DO UPDATE SET remaining = points_pointslot.remaining + 5, is_open = TRUE),
event AS (
  INSERT INTO core_event (event_id, topic, version, member_id, campaign_id, subject, payload, occurred_at, business_on,
                          is_test, delivered_at, attempts, available_at, dead)
  SELECT gen_random_uuid(), 'checkins.checked_in', 1, %(m)s, '01930000-0000-7000-8000-000000000001', '01930000-0000-7000-8000-000000000001' || ':' || CAST(%(m)s AS bigint),
         '{"checked_on": "2026-11-22", "kind": "daily", "streak": 2, "day": 2, "tally": 2, "points": 5}', now(),
         current_date, FALSE, now(), 0, now(), FALSE FROM standing)
SELECT streak, tally, (SELECT balance FROM account) AS balance FROM standing
"""
# The leanest act that could be called a check-in: one row of its own and a total, in one statement and three rows.
CHECK_IN_LEAN = """
WITH check_in AS (
  INSERT INTO checkins_checkin (member_id, campaign_id, checked_on, kind, streak, day, tally, points, balance_after,
                                rewards, version_id, at)
  VALUES (%(m)s, '01930000-0000-7000-8000-000000000001', current_date, 'daily', 2, 2, 2, 5, NULL, '[]', 1, now())
  ON CONFLICT DO NOTHING RETURNING points),
standing AS (
  UPDATE checkins_checkinstanding SET streak = streak + 1, tally = tally + 1, longest = GREATEST(longest, streak + 1),
         last_on = current_date
   WHERE member_id = %(m)s AND campaign_id = '01930000-0000-7000-8000-000000000001' AND EXISTS (SELECT 1 FROM check_in) RETURNING streak)
UPDATE points_pointsaccount SET balance = balance + 5, seq = seq + 1
 WHERE member_id = %(m)s AND EXISTS (SELECT 1 FROM check_in)
"""
PROFILE = """
SELECT public_id, member_no, joined_at, nickname, avatar_url, birthday, birthday_changed_on, first_seen_at,
       token_version, blocked_at, merged_into_id
  FROM accounts_member WHERE id = %(m)s
"""
HISTORY = """
SELECT e.seq, e.kind, e.delta, e.balance_after, e.debt_after, e.label, e.source_kind, e.expires_on, e.occurred_at
  FROM points_pointsentry e WHERE e.member_id = %(m)s ORDER BY e.seq DESC LIMIT 21
"""

_RESOLVED = """
SELECT k.code, c.type, c.state, c.starts_at, c.ends_at, w.rewards, r.target, r.path, r.params, r.title_zh, r.text_zh
  FROM channels_channelcode k JOIN channels_codebatch b ON b.id = k.batch_id JOIN channels_channel c ON c.id = b.channel_id
  LEFT JOIN channels_welcomekit w ON w.id = c.welcome_kit_id
  LEFT JOIN channels_landingrule r ON r.channel_id = c.id
"""
_SCANNED = """
INSERT INTO channels_scan (scan_id, code_id, batch_id, via, scanned_at, scanned_on, scene, device, address, is_test,
                           is_staff, counted, pending)
SELECT {scan}, k.id, k.batch_id, 'app', now(), current_date, {scene}, '', '127.0.0.1', FALSE, FALSE, 0, TRUE
  FROM channels_channelcode k
"""
RESOLVE = f"{_RESOLVED} WHERE k.code = %(code)s ORDER BY r.priority DESC, r.id DESC LIMIT 1"
RESOLVE_BY_ID = f"{_RESOLVED} WHERE k.id = %(m)s ORDER BY r.priority DESC, r.id DESC LIMIT 1"
SCAN = _SCANNED.format(scan="%(scan)s", scene="%(scene)s") + " WHERE k.code = %(code)s RETURNING scan_id, scanned_at"
SCAN_BY_ID = _SCANNED.format(scan="gen_random_uuid()", scene="1011") + " WHERE k.id = %(m)s"


def for_pgbench(statements: tuple[str, ...], *, clients: int, members: int) -> str:
    """A pgbench script: client ``c`` takes the members of its own share one after another."""
    share = members // clients
    lines = [f"\\set n (:n % {share}) + 1", f"\\set m :client_id * {share} + :n"]
    act = len(statements) > 1
    lines += ["BEGIN;"] if act else []
    for statement in statements:
        text = " ".join(statement.split())
        text = re.sub(r"%\((\w+)\)s", r":\1", text)
        lines.append(f"{text} \\gset" if "RETURNING" in text.rsplit(")", 1)[-1] else f"{text};")
    return "\n".join([*lines, *(["COMMIT;"] if act else [])]) + "\n"
