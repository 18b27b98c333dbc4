from paddle.base import core

__all__ = ["core"]
