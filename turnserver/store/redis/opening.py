"""A look at Redis before the server starts, so that a wrong address is told at once and in one sentence."""

import logging

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import MovedError, RedisError
from redis.retry import Retry
from redis.sentinel import MasterNotFoundError, Sentinel

from turnserver.store.redis.address import Address, Where
from turnserver.store.seam import StoreDown

VERSION_LEAST = 7

HALF_KEY = b"turn:half"
"""There while an import is on its way, and after one that has broken off."""

ONCE = Retry(NoBackoff(), 0)
"""Whoever starts a server wants to know now."""

_logger = logging.getLogger("turnserver.store")


def check(address: Address, *, timeout_s: float) -> None:
    """Return if a server of the address answers, and can be used.

    Raises:
        StoreDown: None does, or it holds one half of what was to be imported; the message says why.
    """
    try:
        address.tls()
    except OSError as error:
        raise StoreDown(f"ssl_ca_certs={address.ca_file} cannot be used: {error}") from error
    failures = []
    for seed in address.seeds:
        try:
            _check_one(address, seed, timeout_s)
        except (RedisError, OSError) as error:
            failures.append(f"{seed} cannot be used: {_reason(error, address)}")
        else:
            return
    raise StoreDown("; ".join(failures))


def _reason(error: Exception, address: Address) -> str:
    if isinstance(error, MasterNotFoundError):  # whose own text shows all that redis-py is made of
        return f"no sentinel answers there that knows a primary {address.primary!r}"
    return str(error)


def _check_one(address: Address, seed: Where, timeout_s: float) -> None:
    if address.kind == "sentinel":
        sentinel = Sentinel([(seed.host, seed.port)], sentinel_kwargs={"socket_timeout": timeout_s, "retry": ONCE})  # type: ignore[no-untyped-call]  # redis-py types only some of its functions
        try:
            host, port = sentinel.discover_master(address.primary)  # type: ignore[no-untyped-call]  # as above
        finally:
            sentinel.sentinels[0].close()
        seed = Where(host, port)
    with _client(address, seed, timeout_s) as client:
        server = client.info("server")
        version = str(server["redis_version"])
        if int(version.partition(".")[0]) < VERSION_LEAST:
            raise StoreDown(f"{seed} is version {version}; turnserver needs Redis 7 or Valkey")
        policy = client.info("memory")["maxmemory_policy"]
        if policy != "noeviction":
            _logger.warning("%s drops data when memory is full (%s): set maxmemory-policy noeviction", seed, policy)
        if _is_half(client, address, timeout_s):
            raise StoreDown(f"{seed} holds one half of an import that broke off; redis-cli FLUSHDB, and import again")


def _is_half(client: Redis, address: Address, timeout_s: float) -> bool:
    try:
        return bool(client.exists(HALF_KEY))
    except MovedError as moved:
        with _client(address, Where(moved.host, moved.port), timeout_s) as owner:
            return bool(owner.exists(HALF_KEY))


def _client(address: Address, where: Where, timeout_s: float) -> Redis:
    return Redis(
        host=where.host,
        port=where.port,
        unix_socket_path=where.path or None,
        username=address.username or None,
        password=address.password or None,
        db=address.database,
        ssl=address.is_encrypted,
        ssl_ca_certs=address.ca_file or None,
        socket_timeout=timeout_s,
        socket_connect_timeout=timeout_s,
        retry=ONCE,
    )
