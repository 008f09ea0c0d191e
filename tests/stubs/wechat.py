"""A server that speaks WeChat's protocol on the loopback: codes used once, expiry, quotas, error numbers, faults.

``with FakeWeChat({"wx…": "secret"}) as wechat`` serves at ``wechat.url``; ``wechat.login_code(openid)`` is what
``wx.login`` gives a person, ``wechat.fail(path, "html")`` breaks the next answer, ``wechat.journal`` has every request.
Time is ``time.time()``, so a test that moves the clock moves the platform's too. For the demo:
``python -m tests.stubs.wechat --port 9100``; ``POST /_ctl/user {"openid": "…"}`` then gives a login code.
"""

import argparse
import io
import json
import re
import secrets
import threading
import time
from collections import Counter, defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

import qrcode

CODE_SECONDS, TOKEN_SECONDS, EARLY_SECONDS = 300, 7200, 300
SCENE = re.compile(r"[0-9A-Za-z!#$&'()*+,/:;=?@\-._~]{1,32}")
HUGE = 10 * 1024 * 1024


@dataclass
class Token:
    """An access token and when it ends (unix s)."""

    text: str
    expires_at: float


@dataclass
class Seen:
    """A request as it came."""

    method: str
    path: str
    query: dict[str, str]
    body: dict[str, Any]


@dataclass
class Reply:
    """What goes back: bytes with a type, and how the connection misbehaves."""

    body: bytes
    content_type: str = "application/json; charset=utf-8"
    status: int = 200
    fault: str = ""


class Refusal(Exception):
    """An error number."""


@dataclass
class _Window:
    """How many came within the last ``seconds``."""

    seconds: float
    at: deque[float] = field(default_factory=deque)

    def count(self, now: float) -> int:
        """Count one more and say how many there are."""
        while self.at and self.at[0] <= now - self.seconds:
            self.at.popleft()
        self.at.append(now)
        return len(self.at)


class FakeWeChat:
    """See the module's text."""

    def __init__(self, apps: dict[str, str], *, port: int = 0) -> None:
        self.apps, self.pages = apps, {"pages/gift/index", "pages/index/index"}
        self.journal: list[Seen] = []
        self.codes_per_minute, self.logins_per_minute, self.login_quota = 5000, 100, 10_000_000
        self.refuse_address = False
        self.blocked: set[str] = set()
        self.risky_words: set[str] = {"risky-word"}
        self.ranks: dict[str, int] = {}
        self.stall = 0.5  # s, of the faults slow and drip
        self._codes: dict[str, dict[str, Any]] = {}
        self._phones: dict[str, dict[str, Any]] = {}
        self._last_login: dict[str, float] = {}
        self._tokens: dict[str, list[Token]] = defaultdict(list)
        self._windows: dict[str, _Window] = defaultdict(lambda: _Window(60))
        self._faults: dict[str, deque[str | int]] = defaultdict(deque)
        self._lock, self.released = threading.Lock(), threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", port), type("Bound", (Handler,), {"wechat": self}))
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.released.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    # ---- what a test or the demo does ------------------------------------------------------------------------------

    def login_code(self, openid: str, *, unionid: str = "", app_id: str = "") -> str:
        """What ``wx.login`` gives: good once, for five minutes."""
        code = secrets.token_hex(16)
        app_id = app_id or next(iter(self.apps))
        self._codes[code] = {
            "openid": openid, "unionid": unionid, "app_id": app_id, "made_at": time.time(), "used": False,
        }  # fmt: skip
        return code

    def phone_code(self, number: str) -> str:
        """What the phone button gives: good once, for five minutes."""
        code = secrets.token_hex(16)
        self._phones[code] = {"number": number, "made_at": time.time(), "used": False}
        return code

    def fail(self, path: str, *faults: str | int) -> None:
        """Break the next answers of ``path``, one a fault.

        ``html 502 302 empty half list huge cut reset slow drip`` or an error number. ``busy-used`` answers -1 although
        the request took effect.
        """
        self._faults[path].extend(faults)

    def end_tokens(self, app_id: str = "") -> None:
        """Every token given out so far is refused from now on (40001)."""
        self._tokens[app_id or next(iter(self.apps))].clear()

    def requests(self, path: str) -> list[Seen]:
        """The requests to ``path`` so far."""
        return [seen for seen in self.journal if seen.path == path]

    def counts(self) -> Counter[str]:
        """How many requests each path has had."""
        return Counter(seen.path for seen in self.journal)

    # ---- the protocol ----------------------------------------------------------------------------------------------

    def answer(self, seen: Seen) -> Reply:
        """The reply to ``seen``, a planned fault included."""
        with self._lock:
            self.journal.append(seen)
            fault = self._faults[seen.path].popleft() if self._faults[seen.path] else ""
            if isinstance(fault, int):
                return self._error(fault)
            if fault == "busy-used":
                self._route(seen)
                return self._error(-1)
            return _broken(fault, self._route(seen)) if fault else self._route(seen)

    def _route(self, seen: Seen) -> Reply:
        routes: dict[tuple[str, str], Callable[[Seen], Reply | dict[str, Any]]] = {
            ("GET", "/sns/jscode2session"): self._login,
            ("POST", "/cgi-bin/stable_token"): self._stable_token,
            ("POST", "/wxa/getwxacodeunlimit"): self._code,
            ("POST", "/wxa/business/getuserphonenumber"): self._phone,
            ("POST", "/wxa/msg_sec_check"): self._check_text,
            ("POST", "/wxa/media_check_async"): self._check_picture,
            ("POST", "/wxa/getuserriskrank"): self._rank,
            ("POST", "/_ctl/user"): lambda asked: {"code": self.login_code(asked.body["openid"])},
        }
        try:
            made = routes[seen.method, seen.path](seen)
        except KeyError:
            return Reply(b"<html>404</html>", "text/html", 404)
        except Refusal as refusal:
            return self._error(int(str(refusal)))
        return made if isinstance(made, Reply) else _json(made)

    def _error(self, errcode: int) -> Reply:
        rid = f"{int(time.time()):08x}-{secrets.token_hex(4)}-{secrets.token_hex(4)}"
        return _json({"errcode": errcode, "errmsg": f"see the number rid: {rid}"})

    def _check_app(self, app_id: object, secret: object) -> str:
        if self.refuse_address:
            raise Refusal(40164)
        if app_id not in self.apps:
            raise Refusal(40013)
        if self.apps[str(app_id)] != secret:
            raise Refusal(40125)
        return str(app_id)

    def _login(self, seen: Seen) -> dict[str, str]:
        app_id = self._check_app(seen.query.get("appid"), seen.query.get("secret"))
        code = self._codes.get(seen.query.get("js_code", ""))
        if seen.query.get("grant_type") != "authorization_code":
            raise Refusal(40002)
        if self._windows["day"].count(time.time()) > self.login_quota:
            raise Refusal(45009)
        if code is None or code["app_id"] != app_id or time.time() > code["made_at"] + CODE_SECONDS:
            raise Refusal(40029)
        if code["used"]:
            raise Refusal(40163)
        if code["openid"] in self.blocked:
            raise Refusal(40226)
        if self._windows[f"login {code['openid']}"].count(time.time()) > self.logins_per_minute:
            raise Refusal(45011)
        code["used"] = True
        self._last_login[code["openid"]] = time.time()
        union = {"unionid": code["unionid"]} if code["unionid"] else {}
        return {"openid": code["openid"], "session_key": secrets.token_urlsafe(18), **union}

    def _stable_token(self, seen: Seen) -> dict[str, Any]:
        if seen.body.get("grant_type") != "client_credential":
            raise Refusal(40002)
        app_id = self._check_app(seen.body.get("appid"), seen.body.get("secret"))
        known, now = self._tokens[app_id], time.time()
        if not known or known[-1].expires_at - EARLY_SECONDS <= now:  # the one before stays good until its end
            known.append(Token(secrets.token_urlsafe(96), now + TOKEN_SECONDS))
        return {"access_token": known[-1].text, "expires_in": int(known[-1].expires_at - now)}

    def _check_token(self, seen: Seen) -> None:
        given = seen.query.get("access_token")
        token = next((each for known in self._tokens.values() for each in known if each.text == given), None)
        if token is None:
            raise Refusal(40001)
        if token.expires_at <= time.time():
            raise Refusal(42001)

    def _phone(self, seen: Seen) -> dict[str, Any]:
        self._check_token(seen)
        code = self._phones.get(seen.body.get("code", ""))
        if code is None or code["used"] or time.time() > code["made_at"] + CODE_SECONDS:
            raise Refusal(40029)
        code["used"] = True
        mark = {"timestamp": int(time.time()), "appid": next(iter(self.apps))}
        number = code["number"]
        info = {"phoneNumber": f"+86{number}", "purePhoneNumber": number, "countryCode": 86, "watermark": mark}
        return {"errcode": 0, "errmsg": "ok", "phone_info": info}

    def _check_active(self, seen: Seen) -> None:
        """Whoever did not sign in within two hours can't be judged."""
        self._check_token(seen)
        if time.time() - self._last_login.get(seen.body.get("openid", ""), 0) > 7200:
            raise Refusal(61010)

    def _check_text(self, seen: Seen) -> dict[str, Any]:
        self._check_active(seen)
        found = any(word in seen.body["content"] for word in self.risky_words)
        result = {"suggest": "risky", "label": 20001} if found else {"suggest": "pass", "label": 100}
        return {"errcode": 0, "errmsg": "ok", "result": result, "detail": [], "trace_id": secrets.token_hex(12)}

    def _check_picture(self, seen: Seen) -> dict[str, Any]:
        self._check_active(seen)
        return {"errcode": 0, "errmsg": "ok", "trace_id": secrets.token_hex(12)}

    def _rank(self, seen: Seen) -> dict[str, Any]:
        self._check_active(seen)
        return {"errcode": 0, "errmsg": "getuserriskrank succ", "risk_rank": self.ranks.get(seen.body["openid"], 0)}

    def _code(self, seen: Seen) -> Reply:
        self._check_token(seen)
        asked = seen.body
        if self._windows["codes"].count(time.time()) > self.codes_per_minute:
            raise Refusal(45009)
        if not SCENE.fullmatch(str(asked.get("scene", ""))):
            raise Refusal(40169)
        if not 280 <= int(asked.get("width", 430)) <= 1280:
            raise Refusal(40189)
        if asked.get("env_version", "release") not in {"release", "trial", "develop"}:
            raise Refusal(40097)
        page = asked.get("page", "")
        if asked.get("check_path", True) and page and page not in self.pages:
            raise Refusal(41030)
        picture = io.BytesIO()
        qrcode.make(f"wxacode:{page}?scene={asked['scene']}").convert("RGB").save(picture, "JPEG")
        return Reply(picture.getvalue(), "image/jpeg")


def _json(data: dict[str, Any]) -> Reply:
    return Reply(json.dumps(data, ensure_ascii=False).encode())


def _broken(fault: str, reply: Reply) -> Reply:
    """``reply`` after ``fault`` has been at it."""
    whole = {
        "html": Reply(b"<html><body>502 Bad Gateway</body></html>", "text/html"),
        "502": Reply(b"<html><body>502 Bad Gateway</body></html>", "text/html", 502),
        "302": Reply(b"", "text/html", 302),
        "empty": Reply(b""),
        "list": Reply(b"[]"),
        "half": Reply(reply.body[: len(reply.body) // 2], reply.content_type),
        "huge": Reply(b'{"openid": "o-huge", "padding": "' + b"x" * HUGE + b'"}'),
    }
    return whole.get(fault) or Reply(reply.body, reply.content_type, reply.status, fault)


class Handler(BaseHTTPRequestHandler):
    """A connection to the stub."""

    wechat: FakeWeChat
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._serve({})

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self._serve(json.loads(raw or b"{}"))

    def _serve(self, body: dict[str, Any]) -> None:
        url = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        reply = self.wechat.answer(Seen(self.command, url.path, query, body))
        try:
            self._send(reply)
        except OSError:  # the client did not want to wait
            self.close_connection = True

    def _send(self, reply: Reply) -> None:
        if reply.fault == "reset":
            self.close_connection = True
            return
        if reply.fault == "slow":
            self.wechat.released.wait(self.wechat.stall)
        self.send_response(reply.status)
        self.send_header("Content-Type", reply.content_type)
        self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        if reply.fault == "cut":
            self.wfile.write(reply.body[: len(reply.body) // 2])
            self.close_connection = True
        elif reply.fault == "drip":
            self._drip(reply.body)
        else:
            self.wfile.write(reply.body)

    def _drip(self, body: bytes) -> None:
        for place in range(len(body)):
            self.wfile.write(body[place : place + 1])
            self.wfile.flush()
            if self.wechat.released.wait(self.wechat.stall / 5):
                return

    def log_message(self, *_arguments: object) -> None:
        """The journal has it."""


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="A stand-in for WeChat on the loopback.")
    parser.add_argument("--port", type=int, default=9100)
    parser.add_argument("--app", default="wx0123456789abcdef")
    parser.add_argument("--secret", default="stub-secret")
    given = parser.parse_args()
    with FakeWeChat({given.app: given.secret}, port=given.port) as served:
        print(f"{served.url} app {given.app}")  # noqa: T201
        threading.Event().wait()
