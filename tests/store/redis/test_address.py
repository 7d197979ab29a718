import pytest

from turnserver.store.redis.address import Address, BadAddress, Where, parse

HERE = Where("127.0.0.1", 6379)


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("redis://127.0.0.1", Address("single", (HERE,))),
        ("redis://127.0.0.1:7000/3", Address("single", (Where("127.0.0.1", 7000),), database=3)),
        ("redis://:se%40cret@127.0.0.1/0", Address("single", (HERE,), password="se@cret")),
        ("redis://ann:secret@[::1]", Address("single", (Where("::1", 6379),), "ann", "secret")),
        ("rediss://127.0.0.1?ssl_ca_certs=ca.pem", Address("single", (HERE,), is_encrypted=True, ca_file="ca.pem")),
        ("unix:///run/redis.sock?db=2", Address("single", (Where("", 0, "/run/redis.sock"),), database=2)),
        ("redis+cluster://a,b:7001", Address("cluster", (Where("a", 6379), Where("b", 7001)))),
        (
            "redis+sentinel://a,b:7001/games",
            Address("sentinel", (Where("a", 26379), Where("b", 7001)), primary="games"),
        ),
        ("redis+sentinel://a/games/4", Address("sentinel", (Where("a", 26379),), primary="games", database=4)),
    ],
)
def test_an_address_says_where_redis_is(url: str, address: Address) -> None:
    assert parse(url) == address


@pytest.mark.parametrize(
    "url",
    [
        "",
        "redis",
        "http://127.0.0.1",
        "redis+ring://127.0.0.1",
        "redis://127.0.0.1:port",
        "redis://127.0.0.1/games",
        "redis://127.0.0.1/-1",
        "unix:///run/redis.sock?db=games",
        "redis://127.0.0.1/1/2",
        "redis://a,b",
        "redis+cluster://a/1",
        "redis+sentinel://a",
        "redis+sentinel://a/games/4/5",
        "unix://",
    ],
)
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(BadAddress):
        parse(url)


def test_a_server_is_named_as_people_write_it() -> None:
    assert [str(HERE), str(Where("", 0, "/run/redis.sock"))] == ["Redis at 127.0.0.1:6379", "Redis at /run/redis.sock"]
