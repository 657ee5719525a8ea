"""A cache that may die: Redis down means slower, never an error page and never a limit switched off."""

from typing import Any

import structlog
from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

log = structlog.get_logger(__name__)

OPERATIONS = (
    "add", "get", "set", "touch", "delete", "get_many", "has_key", "incr", "set_many", "delete_many", "clear",
)  # fmt: skip


class ForgivingRedisCache(RedisCache):
    """Django's Redis cache; while the server is away, each process keeps its own memory instead.

    So a page works without Redis, and the limits on sign-in attempts still count, per process. What one process
    remembered is not carried over when Redis is back: a cache is never the truth.
    """

    def __init__(self, server: Any, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._memory = LocMemCache("without-redis", {**params, "OPTIONS": {}})

    def is_reachable(self) -> bool:
        """Whether the server itself answers; for the readiness page, since no operation tells."""
        try:
            return bool(self._cache.get_client().ping())
        except RedisError:
            return False


def _forgiving(name: str) -> Any:
    def operation(self: ForgivingRedisCache, *args: Any, **kwargs: Any) -> Any:
        try:
            return getattr(RedisCache, name)(self, *args, **kwargs)
        except RedisError as error:
            log.warning("cache_unreachable", operation=name, error=type(error).__name__)
            return getattr(self._memory, name)(*args, **kwargs)

    operation.__name__ = name
    return operation


for _name in OPERATIONS:
    setattr(ForgivingRedisCache, _name, _forgiving(_name))
