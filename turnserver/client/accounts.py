"""Accounts as steps to perform: register, log in and out, and where reset tokens are mailed to.

A registration whose reply was lost is repeated, and then its own name is taken, or its guest is no more: so who finds
that after a repeat logs in. So does a guest who is no more without a repeat: an earlier call, which was given up, may
have made the account. That is one guess of a password, if it has not. A login whose reply was lost leaves a session
behind that nobody uses; it ends by itself.

Source: docs/accounts.md, "Requests".
"""

from collections.abc import Callable

from turnserver.client.errors import EmailNotSet, TurnserverError, WeakPassword, WrongPassword, refusal
from turnserver.client.exchange import Steps, exchange
from turnserver.client.seating import understood
from turnserver.client.timing import Timing
from turnserver.messages.accounts import AccountCreate, AccountEmail, AccountRequest, Login, Logout, secret
from turnserver.messages.reply import Malformed, Reply
from turnserver.protocol import answers
from turnserver.protocol.limits import Limits
from turnserver.wire.accounts import checked_email, checked_name, checked_password, parse_session

LOGIN_REPEATS_MAX = 2
"""How often a login without a reply is repeated: each copy of a wrong password is one of the ten guesses."""

_MADE_BEFORE = (answers.NAME_TAKEN, answers.NO_RIGHT, answers.WRONG_STATE)
"""What the repeat of a registration that was carried out gets: its name is taken, and its guest is no more."""


def log_in(name: str, password: str, *, known: str | None, timing: Timing) -> Steps[str]:
    """Open a session of an account.

    Args:
        name: The account's.
        password: The account's.
        known: A token that this client once had for the account: it lets nobody lock it out by guessing.
        timing: The patience.

    Returns:
        The session's token.

    Raises:
        ValueError: The server would refuse the form of the name or the password; here and below.
        WrongPassword: They do not fit.
        NotAllowed: The account is banned.
        TooManyRequests: Too many wrong passwords.
        TurnserverError: As `refusal` and `exchange` raise, here and below.
    """
    request = _checked(
        lambda limits: Login(_hidden(known), checked_name(name, limits), checked_password(password, limits))
    )
    give_up_s = timing.first_reply_s
    answer = yield from exchange(request, timing, give_up_s=give_up_s, repeats_max=LOGIN_REPEATS_MAX)
    if answer.reply.answer is answers.NO_RIGHT:
        raise WrongPassword("name and password do not fit")
    return _token(answer.reply, answers.LOGGED_IN)


def register(name: str, password: str, *, email: str, guest: str | None, timing: Timing) -> Steps[str]:
    """Make an account, and log it in.

    Args:
        name: What others will see.
        password: To log in with.
        email: Where reset tokens are mailed to; "" is nowhere.
        guest: The token of a guest who becomes the account, with its seats and its inbox; None for nobody.
        timing: The patience.

    Returns:
        The token of the account's first session.

    Raises:
        NameTaken: By another account. After an earlier `Unreachable` it may be this very one: log in.
        WeakPassword: It is too short, or the name.
        BadRequest: The name cannot be an account's.
        NoRight: The guest's session has ended.
        WrongState: It is no guest's.
        NotAllowed: Banned.
        TooManyRequests: Too many accounts were made from here.
        EmailNotSet: The account is there, and its address is not set.
    """
    request = _checked(
        lambda limits: AccountCreate(_hidden(guest), checked_name(name, limits), checked_password(password, limits))
    )
    _checked(lambda limits: AccountEmail("", checked_password(password, limits), checked_email(email)))
    answer = yield from exchange(request, timing, give_up_s=timing.first_reply_s)
    is_guest_no_more = guest is not None and answer.reply.answer is answers.NO_RIGHT
    if is_guest_no_more or (answer.is_repeat and answer.reply.answer in _MADE_BEFORE):
        token = yield from _made_before(name, password, answer.reply, timing)
    elif answer.reply.answer is answers.BAD_DATA and answer.reply.body.startswith(b"password:"):
        raise WeakPassword(answer.reply.body.decode(errors="replace"))
    else:
        token = _token(answer.reply, answers.ACCOUNT_CREATED)
    if email:
        try:
            yield from set_email(token, password, email, timing=timing)
        except TurnserverError as error:
            raise EmailNotSet(f"the account is there, but its address is not set: {error}", token=token) from error
    return token


def _made_before(name: str, password: str, reply: Reply, timing: Timing) -> Steps[str]:
    """Log in to what an earlier copy of the registration has made; if it is another's, say what was answered."""
    try:
        return (yield from log_in(name, password, known=None, timing=timing))
    except WrongPassword:
        raise refusal(reply) from None


def set_email(token: str, password: str, email: str, *, timing: Timing) -> Steps[None]:
    """Set where reset tokens are mailed to; "" is nowhere.

    Raises:
        NotAllowed: The password is wrong, or this is a guest.
        NoRight: The session has ended.
    """
    request = _checked(
        lambda limits: AccountEmail(secret(token), checked_password(password, limits), checked_email(email))
    )
    answer = yield from exchange(request, timing, give_up_s=timing.give_up_s)
    if answer.reply.answer is not answers.EMAIL_CHANGED:
        raise refusal(answer.reply)


def log_out(token: str, *, timing: Timing) -> Steps[None]:
    """End a session; one that has ended stays so."""
    answer = yield from exchange(Logout(secret(token)), timing, give_up_s=timing.quit_s)
    if answer.reply.answer not in (answers.LOGGED_OUT, answers.NO_RIGHT):
        raise refusal(answer.reply)


def _checked(make: Callable[[Limits], AccountRequest]) -> AccountRequest:
    try:
        return make(Limits())
    except Malformed as error:
        raise ValueError(f"not for an account: {refusal(error.reply)}") from None


def _hidden(token: str | None) -> str | None:
    return None if token is None else secret(token)


def _token(reply: Reply, expected: answers.Answer) -> str:
    if reply.answer is not expected:
        raise refusal(reply)
    token, _seconds = understood(parse_session, reply.body)
    return token
