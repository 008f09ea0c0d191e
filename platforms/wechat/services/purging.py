"""What is deleted when."""

from core import retention

CODE_DAYS = 1  # a code is good for five minutes
PUSH_DAYS = 30  # WeChat repeats a push within a minute; handlers look the openid up within hours
DELETE_CODES = """
DELETE FROM wechat_usedlogincode WHERE mark IN (
  SELECT mark FROM wechat_usedlogincode WHERE used_at < %(before)s ORDER BY used_at LIMIT %(batch)s)
"""
DELETE_PUSHES = """
DELETE FROM wechat_pushmessage WHERE id IN (
  SELECT id FROM wechat_pushmessage WHERE received_at < %(before)s ORDER BY received_at LIMIT %(batch)s)
"""


def purge_login_codes() -> int:
    """Marks of login codes, after a day."""
    return retention.delete_in_batches(DELETE_CODES, days=CODE_DAYS)


def purge_pushes() -> int:
    """Pushed messages with their openids, after 30 days."""
    return retention.delete_in_batches(DELETE_PUSHES, days=PUSH_DAYS)
