"""The rules of lock-step rooms: only commands travel, gathered turn by turn into a master packet.

Each rule takes the room as it was read and says what changes; none of them can wait, so all of them can be simulated.
"""
