from turnserver.messages.accounts import Login, secret


def test_a_secret_is_the_text_and_is_not_shown() -> None:
    request = Login(secret("token-1"), "ann", secret("correct horse"))

    assert request == Login("token-1", "ann", "correct horse")
    assert "ann" in repr(request)
    assert "token-1" not in repr(request)
    assert "correct horse" not in repr(request)
    assert f"{request.password}" == "correct horse"
