"""Live state in Redis or Valkey, for any number of server processes on any number of machines.

`store` is the seam's engine; `link` and `server` are the way to one Redis server, `servers` to all of them; `partitions`
turns batches into what the scripts in `scripts/` take, and their answers into views; `index` counts, lists and clears.
"""
