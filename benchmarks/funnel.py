"""How long the funnel page takes with five million scans: `make soak CASE=funnel_5m`.

Scans are made in the table itself, over 400 days and 250 batches of 62 channels; the days' rows are what a count of
them gives. The page is asked for through Django's own client, in a process of its own: statements, arithmetic and
template included, the network left out. Target: 300 ms for each kind of table, thirty days and the longest period.
"""

import json
import statistics
import subprocess
import sys
import time
from functools import partial
from typing import Any

from benchmarks import servers

TARGET_MS = 300.0
ROUNDS = 15
QUESTIONS = {
    "channel": {"by": "channel"},
    "batch": {"by": "batch"},
    "day": {"by": "day"},
    "channel_400_days": {"by": "channel", "first": "0001-01-01"},
    "batch_400_days": {"by": "batch", "first": "0001-01-01"},
    "day_400_days": {"by": "day", "first": "0001-01-01"},
}
CHANNELS, BATCHES, DAYS = 60, 250, 400

SCANS = """
INSERT INTO channels_scan (scan_id, code_id, batch_id, via, scanned_at, scanned_on, device, is_test, is_staff, counted,
                           pending)
SELECT gen_random_uuid(), c.id, c.batch_id, 'app', now() - s.age * interval '1 day', current_date - s.age,
       md5(CAST(s.n %% 1700000 AS text)), FALSE, FALSE, 1 + CAST(s.n %% 3 = 0 AS int), FALSE
  FROM (SELECT n, CAST(n * 7919 %% %(days)s AS int) AS age, CAST(n * 104729 %% %(batches)s AS int) AS place
          FROM generate_series(CAST(1 AS bigint), %(scans)s) n) s
  JOIN (SELECT id, batch_id, row_number() OVER (ORDER BY id) - 1 AS place FROM channels_channelcode) c
    ON c.place = s.place
"""
DAY_ROWS = """
INSERT INTO channels_channelday (channel_id, batch_id, day, scans, unique_scans, signed_in, joined, first_actions,
                                 first_orders, gift_fen)
SELECT b.channel_id, s.batch_id, s.scanned_on, count(*), sum(s.counted - 1), sum(s.counted - 1) / 2,
       sum(s.counted - 1) / 3, sum(s.counted - 1) / 5, 0, 100 * (sum(s.counted - 1) / 3)
  FROM channels_scan s JOIN channels_codebatch b ON b.id = s.batch_id
 GROUP BY b.channel_id, s.batch_id, s.scanned_on
"""


def seed(scans: int) -> None:
    """The tree, its costs, and so many scans with the days' sums."""
    from datetime import timedelta

    from django.db import connection

    from core import clock
    from members.channels.models import Channel, ChannelCost, CodeBatch
    from members.channels.services.codes import make_codes

    now, today = clock.now(), clock.today()
    tops = [_channel(Channel, f"platform {n}", None, "platform", now) for n in range(2)]
    channels = [_channel(Channel, f"campaign {n}", tops[n % 2], "campaign", now) for n in range(CHANNELS)]
    for channel in channels:
        ChannelCost.objects.create(
            channel=channel, kind="day", amount_fen=5000, quantity=1, first_on=today - timedelta(days=DAYS),
            last_on=today,
        )  # fmt: skip
    for place in range(BATCHES):
        batch = CodeBatch.objects.create(
            channel=channels[place % CHANNELS], name=f"batch {place}", quantity=1, print_quantity=20_000, created_at=now
        )
        make_codes(batch)
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")  # five million foreign keys are right by making
        cursor.execute("SET statement_timeout = 0")
        cursor.execute(SCANS, {"scans": scans, "days": DAYS, "batches": BATCHES})
        cursor.execute(DAY_ROWS)
        cursor.execute("SET session_replication_role = origin")
        cursor.execute("ANALYZE")


def _channel(model: Any, name: str, parent: Any, kind: str, now: Any) -> Any:
    return model.objects.create(name=name, parent=parent, kind=kind, type="insert", state="active", created_at=now)


def measure(scans: int) -> list[dict[str, Any]]:
    """Seed, then ask each question ``ROUNDS`` times; one record a question."""
    import django

    django.setup()

    from django.test import Client

    from core.models import StaffUser

    seed(scans)
    client = Client(headers={"host": "localhost"})
    client.force_login(StaffUser.objects.create_superuser(username="bench", password=None))
    return [_ask(client, name, question, scans) for name, question in QUESTIONS.items()]


def _ask(client: Any, name: str, question: dict[str, str], scans: int) -> dict[str, Any]:
    from core.admin.pages import page_url
    from members.channels.models import Scan

    times = []
    for _ in range(ROUNDS + 1):  # the first one warms up
        start = time.perf_counter()
        response = client.get(page_url("channels-funnel"), question)
        times.append(1000 * (time.perf_counter() - start))
        if response.status_code != 200:
            raise servers.NotMeasured(f"the funnel page answered {response.status_code}")
    if "400" in name and (Scan.objects.count() != scans or f"<td>{scans:,}</td>" not in response.content.decode()):
        raise servers.NotMeasured(f"the page does not show {scans:,} scans")
    median, slowest = statistics.median(times[1:]), max(times[1:])
    return {
        "case": f"funnel_5m_{name}", "scans": scans, "median_ms": round(median, 1), "slowest_ms": round(slowest, 1),
        "target_ms": TARGET_MS, "met": median < TARGET_MS,
    }  # fmt: skip


def run_case(scans: int) -> list[dict[str, Any]]:
    """On a throw-away PostgreSQL, in a process of its own."""
    with servers.database() as (_server, url):
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.funnel", str(scans)], cwd=servers.ROOT, env=servers.environment(url),
            capture_output=True, text=True, check=False,
        )  # fmt: skip
    if done.returncode:
        raise servers.NotMeasured(done.stderr[-800:])
    records: list[dict[str, Any]] = json.loads(done.stdout.splitlines()[-1])
    return records


SOAK = {"funnel_5m": partial(run_case, 5_000_000)}

if __name__ == "__main__":
    print(json.dumps(measure(int(sys.argv[1]))))
