"""Every limit of the protocol, with its default, unit and reason; each is a setting of the same name."""

from dataclasses import dataclass, field


def _limit(default: float, reason: str) -> float:
    value: float = field(default=default, metadata={"reason": reason})
    return value


def _count(default: int, reason: str) -> int:
    value: int = field(default=default, metadata={"reason": reason})
    return value


ROOM_SILENCE_S_MIN = 1
"""The shortest patience with a silent seat that a room may ask for; a setting could only make it less."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What the server accepts and how long it is patient. Units are the last word of each name."""

    body_bytes_max: int = _count(16_384, "one request, or one line of a batch; a reply may be longer")
    body_s_max: float = _limit(10, "a request body that takes longer to arrive is given up")
    name_bytes_max: int = _count(64, "user and partner names, in UTF-8")
    registration_silence_s: float = _limit(25, "a registration dies this long after its last request")
    registration_silence_long_s: float = _limit(180, "the same for the key `bibbybabbis`")
    loading_silence_s: float = _limit(30, "a pair that loads breaks when one of the two is silent for this long")
    play_silence_s: float = _limit(30, "a game ends when one of the two is silent for this long")
    buffer_bytes_max: int = _count(131_072, "what may wait for one player, joining bars included")
    registrations_max: int = _count(200_000, "live pairing keys; at most 1 KB of memory each")
    matches_max: int = _count(100_000, "live pairs and games")
    wait_s_max: float = _limit(25, "longest hold of a waiting poll; below what mobile networks cut off")
    batch_lines_max: int = _count(100, "lines in one POST to /batch")
    pool_waiting_max: int = _count(1_000, "entries of one waiting line; who comes later asks again until there is room")
    pool_candidates_max: int = _count(16, "waiting players that are looked at in one go; 64 goes see the whole line")
    remembered_partners_max: int = _count(256, "partners of broken pairs whom a registration is not offered again")
    conflicts_max: int = _count(64, "tries of a commit that others keep overtaking, before the answer is 44")
    sessions_max: int = _count(200_000, "live sessions; at most 1 KB of memory each")
    kicked_s: float = _limit(3_600, "a session that was ended by `kick` says so for this long")
    kick_why_letters_max: int = _count(200, "letters of a kick's reason that its user's polls tell")
    session_s: float = _limit(604_800, "a session ends this long after its last use")
    account_sessions_max: int = _count(20, "open sessions of one account; one more ends the oldest")
    password_bytes_min: int = _count(8, "a new password, in UTF-8")
    password_bytes_max: int = _count(256, "any password, in UTF-8; longer ones are not looked at")
    reset_token_s: float = _limit(3_600, "a reset token works once, and only for this long")
    guess_window_s: float = _limit(600, "the time in which wrong passwords and the like are counted")
    guesses_max: int = _count(10, "wrong passwords for one name from one address, or by one known device")
    name_guesses_max: int = _count(50, "wrong passwords for one name from all strangers together")
    first_guesses_max: int = _count(3, "of these, from any one address whatever the others do")
    address_guesses_max: int = _count(100, "wrong passwords from one address, for all names")
    address_accounts_max: int = _count(50, "accounts that one address may create within `guess_window_s`")
    name_resets_max: int = _count(3, "reset tokens that are sent for one name within `guess_window_s`")
    passwords_waiting_max: int = _count(200, "passwords that wait to be hashed; who comes then is told to wait")
    rooms_max: int = _count(10_000, "rooms that are kept, ended ones included")
    room_seats_max: int = _count(16, "players of one room")
    room_viewers_max: int = _count(32, "viewers of one room")
    room_text_bytes_max: int = _count(1_024, "a room's engine, and its seed, in UTF-8")
    room_config_bytes_max: int = _count(8_192, "a room's configuration as compact JSON")
    room_config_depth_max: int = _count(32, "objects and lists inside each other, in all JSON that clients send")
    room_chart_bytes_max: int = _count(4_096, "a room's state chart as compact JSON")
    room_commands_bytes_max: int = _count(4_096, "one seat's commands of one turn, in UTF-8")
    room_hash_bytes_max: int = _count(256, "one hash of a game state, named parts included")
    room_lookahead_max: int = _count(8, "turns that a room may let its seats post ahead")
    room_turn_ms_max: int = _count(10_000, "longest turn that a room may ask for, or worst latency may lead to")
    room_silence_s_max: float = _limit(3_600, "longest patience with a silent seat that a room may ask for")
    room_slow_s: float = _limit(1, "a seat that is waited for this long is told to the others as lagging")
    room_setup_silence_s: float = _limit(120, "a seat this silent during set-up is free again while others are there")
    room_idle_s: float = _limit(900, "a room that no member asks for anything ends after this long")
    room_archive_s: float = _limit(3_600, "the record of a room that has ended is kept this long")
    room_record_bytes_max: int = _count(16_777_216, "all items of a room together; who fills it ends")
    room_reply_bytes_max: int = _count(262_144, "about how much one reply brings; who catches up asks on for the rest")
    room_refusals_max: int = _count(200, "refusals that a room's record holds")
    room_list_max: int = _count(50, "rooms that one list shows")
    rooms_listed_max: int = _count(500, "rooms of one title, the newest, that a list looks at")
    chat_channels_max: int = _count(1_000, "lobby channels of all titles together that are in use")
    chat_s: float = _limit(86_400, "a channel and its history are kept this long after their last use")
    chat_history_lines_max: int = _count(200, "lines of a channel that are kept for those who come later")
    chat_history_bytes_max: int = _count(65_536, "the same as bytes, names and bookkeeping included")
    chat_text_bytes_max: int = _count(1_024, "one line of chat, in UTF-8")
    chat_lines_max: int = _count(10, "lines that a user may say in one channel within `chat_window_s`")
    chat_window_s: float = _limit(10, "the time in which `chat_lines_max` counts")
    chat_presence_s: float = _limit(60, "somebody who asked this lately is there")
    chat_people_max: int = _count(
        500, "names that a channel tells as being there; who comes later can talk all the same"
    )
    chat_mute_s_max: float = _limit(2_592_000, "longest time for which a user can be muted")
    inbox_s: float = _limit(604_800, "a message is kept this long for a reader who does not come, a broadcast for all")
    inbox_messages_max: int = _count(1_000, "messages that wait in one inbox, and broadcasts that are kept")
    inbox_bytes_max: int = _count(262_144, "the same as bytes; so long is the longest reply to a poll, before encoding")
    inbox_data_bytes_max: int = _count(8_192, "the JSON of one message, in UTF-8")
    inbox_senders_max: int = _count(256, "senders whose latest number an inbox remembers")
    inbox_sources_max: int = _count(64, "rooms and games whose latest event an inbox, or a topic, remembers")
    series_bytes_max: int = _count(16, "the name of a sender's series of numbers")
    topics_max: int = _count(1_000, "topics of all titles together that are in use")
    topic_s: float = _limit(86_400, "a topic, and a message in it, is kept this long after its last use")
    topic_messages_max: int = _count(1_000, "messages of a topic that are kept")
    topic_bytes_max: int = _count(262_144, "the same as bytes")
    queues_max: int = _count(1_000, "queues of programs that are in use")
    match_silence_ms_min: int = field(init=False, repr=False)
    """Follows from the others: nobody in a pair or game is silent for too long before this."""
    match_ttl_ms: int = field(init=False, repr=False)
    """Follows from the others: a match that nobody speaks in is kept until both are silent, and one time-out longer."""

    room_lag_ms_min: int = field(init=False, repr=False)
    """Follows from the others: so long after a packet, time alone changes nothing in a room."""

    def __post_init__(self) -> None:
        silences_s = (self.loading_silence_s, self.play_silence_s)
        object.__setattr__(self, "match_silence_ms_min", int(1000 * min(silences_s)))
        object.__setattr__(self, "match_ttl_ms", round(2000 * max(silences_s)))
        room_lag_s_min = min(self.room_slow_s, self.room_setup_silence_s, self.room_idle_s, ROOM_SILENCE_S_MIN)
        object.__setattr__(self, "room_lag_ms_min", int(1000 * room_lag_s_min))

    def post_bytes_max(self, is_batch: bool) -> int:  # noqa: FBT001  # the two kinds of text path
        """The longest body of a POST of text; each line may end with a line feed."""
        return (self.body_bytes_max + 1) * (self.batch_lines_max if is_batch else 1)
