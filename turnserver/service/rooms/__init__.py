"""The use cases of lock-step rooms."""
