"""Registrations: their life from REGISTER to the last farewell.

A registration is a partition that ends by itself when it was silent for too long. One that was ended keeps answering
its farewell for one more time-out.

Source: docs/protocol.md, "Pairing" and "Idempotence".
"""

from msgspec import structs

from turnserver.domain.documents import Forming, Phase, Player
from turnserver.domain.outcome import Outcome
from turnserver.messages.relay import Register
from turnserver.messages.reply import Refused, Reply
from turnserver.partition import Batch, View
from turnserver.protocol import answers
from turnserver.protocol.answers import BY_PREFIX, Answer
from turnserver.protocol.limits import Limits


def register(  # a keyword each
    request: Register, *, title: str, key: str, registrations: int, limits: Limits, user: str = ""
) -> Outcome:
    """A new registration; each REGISTER makes one.

    Args:
        request: Name, wanted partner and time-out.
        title: The game title whose players belong together.
        key: A fresh pairing key.
        registrations: How many registrations there are.
        limits: `registrations_max` and the time-outs count.
        user: Whose inbox is told of the partner and the game; empty for nobody's.

    Raises:
        Refused: REGISTRATIONS_FULL.
    """
    if registrations >= limits.registrations_max:
        raise Refused(answers.REGISTRATIONS_FULL)
    player = Player(request.name, title, request.partner, request.long_timeout, user=user)
    batch = Batch(expect={"player": 0}, put={"player": player}, ttl_ms=ttl_ms(player, limits))
    return Outcome(Reply(answers.REGISTERED, key.encode()), batch)


def registered(view: View) -> Player:
    """The registration that a pairing key stands for.

    Raises:
        Refused: NOT_REGISTERED, or the farewell of one that was ended.
    """
    player: Player | None = view.value("player")
    if player is None:
        raise Refused(answers.NOT_REGISTERED)
    if player.phase is Phase.ENDED:
        raise Refused(BY_PREFIX[player.farewell])
    return player


def is_waiting(view: View) -> bool:
    """True for a registration that lives and has no partner: its place in a line is worth something."""
    player: Player | None = view.value("player")
    return player is not None and player.phase in (Phase.REGISTERED, Phase.ASKED, Phase.TOLD)


def must_be_paired(player: Player) -> None:
    """Let MAP_INIT and MAP_READY pass in a pair only.

    Raises:
        Refused: AHEAD_OF_STATE for a player who never was in a pair; PARTNER_DROPPED for one whose pair broke: the
            request may be a late copy from before.
    """
    if player.phase is not Phase.PAIRED:
        raise Refused(answers.PARTNER_DROPPED if player.met else answers.AHEAD_OF_STATE)


def asked(view: View, limits: Limits) -> Batch:
    """The player has asked and waits: a sign of life for who did so before."""
    player: Player = view.value("player")
    if player.phase is Phase.ASKED:
        return sign_of_life(player, limits)
    return _put(view, structs.replace(player, phase=Phase.ASKED), limits)


def paired(view: View, pair: Forming, me: str, limits: Limits) -> Batch | None:
    """The player has a partner; None if it knows already, has ended since, or has seen this pair break."""
    player: Player | None = view.value("player")
    seat = pair.players.index(me)
    partner = pair.players[1 - seat]
    if player is None or player.phase is Phase.ENDED or partner in player.met:
        return None
    met = (*player.met, partner)[-limits.remembered_partners_max :]
    return _put(view, structs.replace(player, phase=Phase.PAIRED, match_id=pair.match_id, seat=seat, met=met), limits)


def dropped(view: View, limits: Limits) -> Batch:
    """The player's pair broke before play; who wanted that one partner has nobody left to wait for."""
    player: Player = view.value("player")
    if player.partner is not None:
        return ended(view, answers.WANTED_PARTNER_DROPPED, limits)
    return _put(view, structs.replace(player, phase=Phase.DROPPED, match_id=""), limits)


def told(view: View, limits: Limits) -> Batch:
    """The first REQUEST_PAIR after a drop was answered: the next one asks again."""
    return _put(view, structs.replace(view.value("player"), phase=Phase.TOLD), limits)


def ended(view: View, farewell: Answer, limits: Limits) -> Batch:
    """The registration is over; for one time-out the key still answers with the farewell."""
    player: Player = view.value("player")
    return _put(view, structs.replace(player, phase=Phase.ENDED, farewell=farewell.code), limits)


def sign_of_life(player: Player, limits: Limits) -> Batch:
    """The batch that notes that a player was heard; nothing that a kill would have to keep."""
    return Batch(ttl_ms=ttl_ms(player, limits), lasting=False)


def ttl_ms(player: Player, limits: Limits) -> int:
    """How long the registration lives after its last request. In a pair, the pair's patience counts if it is longer."""
    silence_s = limits.registration_silence_long_s if player.long_timeout else limits.registration_silence_s
    if player.phase is Phase.PAIRED:
        silence_s = max(silence_s, limits.loading_silence_s)
    return round(1000 * silence_s)


def _put(view: View, player: Player, limits: Limits) -> Batch:
    return Batch(expect={"player": view.counter("player")}, put={"player": player}, ttl_ms=ttl_ms(player, limits))
