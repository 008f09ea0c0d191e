"""Where WeChat pushes to: ``/wechat/push/<app id>``. It wants an answer within 5 s and tries three times."""

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from platforms.wechat import selectors
from platforms.wechat.rules import push
from platforms.wechat.rules.apps import App
from platforms.wechat.services import pushes

LONGEST_ECHO = 256


@csrf_exempt  # the signature proves who sends
@require_http_methods(["GET", "POST"])
def receive(request: HttpRequest, app_id: str) -> HttpResponse:
    """GET: the console verifies the address. POST: a message, sealed; anything else is a bare 403, 400 or 413."""
    app = selectors.configured().get(app_id)
    if app is None or app.push_key is None:
        return _answer("", 404)
    try:
        return _verify(request, app) if request.method == "GET" else _take(request, app)
    except pushes.Forged:
        return _answer("", 403)
    except push.Malformed:
        return _answer("", 400)


def _verify(request: HttpRequest, app: App) -> HttpResponse:
    pushes.ensure_genuine(app, signature=_query(request, "signature"), **_stamp(request))
    echo = _query(request, "echostr")
    return _answer(echo) if len(echo) <= LONGEST_ECHO else _answer("", 400)


def _take(request: HttpRequest, app: App) -> HttpResponse:
    if int(request.META.get("CONTENT_LENGTH") or 0) > push.MOST_BYTES:
        return _answer("", 413)
    message = pushes.open_message(app, request.body, signature=_query(request, "msg_signature"), **_stamp(request))
    pushes.take(app=app, message=message)
    return _answer("success")


def _stamp(request: HttpRequest) -> dict[str, str]:
    return {"timestamp": _query(request, "timestamp"), "nonce": _query(request, "nonce")}


def _query(request: HttpRequest, name: str) -> str:
    return str(request.GET.get(name, ""))


def _answer(text: str, status: int = 200) -> HttpResponse:
    return HttpResponse(text, status=status, content_type="text/plain; charset=utf-8")


urlpatterns = [path("wechat/push/<str:app_id>", receive, name="wechat-push")]
