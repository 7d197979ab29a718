"""Requests and replies as frozen values, without a dependency: what the wire carries, parsed."""
