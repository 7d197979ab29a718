"""Live state in Redis or Valkey, for any number of server processes on any number of machines.

`store` is the seam's engine. `link` and `server` are the way to one Redis server, `servers` to all of them. `waits` is
who waits, here and elsewhere. `partitions` turns batches into what the scripts in `scripts/` take, and what they answer
into what this process has seen. `index` counts, lists and clears.
"""
