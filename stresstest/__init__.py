"""A stress test for every server that speaks the relay: how much it carries, where the time goes, and what gets lost.

    cli         options, and what is shown
    ramp        which load to try next (pure)
    fleet       several processes and machines: `coordinator` shares the work out, `agent` does a share of it
    running     one process: players as tasks, on `performer`, which posts over `connection`
    scenarios   what a player does: generators that yield steps and do no I/O
    record      all that was seen, in bounded memory; `summary` reads it, `report` shows it

It sees of the server's package only what a stranger's client may see: protocol, messages and wire.
"""
