"""Repeating while WeChat says that it is busy, and turning its numbers into refusals."""

import time

from core import randomness
from platforms.wechat.rules import codes
from platforms.wechat.rules.answers import Answer
from platforms.wechat.services.transport import Deadline, Request, transport

FIRST_WAIT = 0.1  # s; it doubles with each repeat


def patiently(request: Request, token: str, deadline: Deadline) -> Answer:
    """Send; while WeChat says that it is busy (-1) wait and send again, ``request.tries`` times in all."""
    wait = FIRST_WAIT
    for _ in range(request.tries - 1):
        answer = transport().send(request, token, deadline)
        if codes.errcode_of(answer.data or {}) != codes.BUSY or deadline.left <= 2 * wait:
            return answer
        time.sleep(randomness.jitter(wait))
        wait *= 2
    return transport().send(request, token, deadline)


def ensure_success(answer: Answer) -> Answer:
    """``answer``, unless its ``errcode`` says something else."""
    data = answer.data or {}
    if errcode := codes.errcode_of(data):
        raise codes.refusal(errcode, codes.rid_of(data))
    return answer
