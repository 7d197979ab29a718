import logging

import pytest

from tests.redis_server import RedisServer, free_port
from turnserver.store.redis.address import parse
from turnserver.store.redis.opening import check
from turnserver.store.seam import StoreDown


def test_a_server_that_answers_will_do(redis: RedisServer) -> None:
    check(parse(redis.url), timeout_s=5)


def test_one_of_several_seeds_is_enough(redis: RedisServer) -> None:
    check(parse(f"redis+cluster://127.0.0.1:{free_port()},127.0.0.1:{redis.port}"), timeout_s=5)


@pytest.mark.parametrize("url", ["redis://127.0.0.1:{}", "redis+sentinel://127.0.0.1:{}/games", "unix:///no/{}.sock"])
def test_where_nobody_answers_it_says_so(url: str) -> None:
    with pytest.raises(StoreDown, match="cannot be used"):
        check(parse(url.format(free_port())), timeout_s=5)


def test_sentinels_that_know_no_such_primary_are_told_in_one_sentence(redis: RedisServer) -> None:
    with RedisServer.sentinel(redis.port) as sentinel, pytest.raises(StoreDown) as failure:
        check(parse(f"redis+sentinel://127.0.0.1:{sentinel.port}/chess"), timeout_s=5)

    assert str(failure.value) == (
        f"Redis at 127.0.0.1:{sentinel.port} cannot be used: no sentinel answers there that knows a primary 'chess'"
    )


def test_a_server_that_asks_for_another_password_is_named() -> None:
    with RedisServer() as server:
        with server.client() as client:
            client.config_set("requirepass", "secret")
        check(parse(f"redis://:secret@127.0.0.1:{server.port}"), timeout_s=5)

        with pytest.raises(StoreDown, match=f"127.0.0.1:{server.port} cannot be used"):
            check(parse(server.url), timeout_s=5)


def test_a_server_that_may_drop_data_is_warned_of(redis: RedisServer, caplog: pytest.LogCaptureFixture) -> None:
    with redis.client() as client:
        client.config_set("maxmemory-policy", "allkeys-lru")
        with caplog.at_level(logging.WARNING):
            check(parse(redis.url), timeout_s=5)
        client.config_set("maxmemory-policy", "noeviction")

    assert "drops data when memory is full (allkeys-lru)" in caplog.text
