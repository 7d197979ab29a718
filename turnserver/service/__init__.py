"""Use cases: read a partition, ask the rules, commit. The only code that awaits a store; it holds no rule."""
