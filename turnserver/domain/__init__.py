"""The rules, as pure functions: state, request, what else was seen, time; out comes a reply and the batch for it."""
