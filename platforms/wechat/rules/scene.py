"""What may stand in a mini-program code (getUnlimitedQRCode, developers.weixin.qq.com)."""

import hashlib
import json
import re
from dataclasses import asdict, dataclass

from platforms.wechat import errors

_SCENE = re.compile(r"[0-9A-Za-z!#$&'()*+,/:;=?@\-._~]{1,32}")
_PAGE = re.compile(r"(?!/)[^?\s\x00-\x1f]{0,128}")
NARROWEST, WIDEST = 280, 1280
ENVIRONMENTS = ("release", "trial", "develop")


@dataclass(frozen=True)
class CodeSpec:
    """One mini-program code: the scene it carries, the page it opens (empty: the first one), its width in pixels."""

    app_id: str
    scene: str
    page: str
    width: int
    env_version: str = "release"

    def key(self) -> str:
        """SHA-256 over everything that shows in the picture: equal codes are fetched once."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()

    def body(self) -> dict[str, str | int | bool]:
        """The request; without ``page`` WeChat takes the first page. Only a published app can be checked."""
        asked: dict[str, str | int | bool] = {
            "scene": self.scene,
            "width": self.width,
            "env_version": self.env_version,
            "check_path": self.env_version == "release",
        }
        return asked | ({"page": self.page} if self.page else {})


def ensure_drawable(spec: CodeSpec) -> None:
    """``SceneInvalid``, ``PageInvalid``, ``WidthInvalid`` or ``ArgumentsInvalid`` before WeChat is asked."""
    if not _SCENE.fullmatch(spec.scene):
        raise errors.SceneInvalid
    if not _PAGE.fullmatch(spec.page):
        raise errors.PageInvalid
    if not NARROWEST <= spec.width <= WIDEST:
        raise errors.WidthInvalid
    if spec.env_version not in ENVIRONMENTS:
        raise errors.ArgumentsInvalid
