"""What the product does with WeChat."""

from platforms.wechat.services.codes import mini_program_code

__all__ = ["mini_program_code"]
