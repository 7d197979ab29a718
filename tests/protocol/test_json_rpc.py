from turnserver.protocol import answers, json_rpc


def test_the_codes_are_those_of_the_specification() -> None:
    assert [code.number for code in json_rpc.TABLE] == [-32700, -32600, -32601, -32602, -32603]


def test_no_error_of_the_protocol_has_a_reserved_number() -> None:
    numbers = {int(answer.code.partition("/")[0]) for answer in answers.TABLE if answer.is_error}

    assert min(numbers) > 0
