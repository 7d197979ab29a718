"""The protocol as data: symbols, answers and limits, one table each, no logic and no dependency."""
