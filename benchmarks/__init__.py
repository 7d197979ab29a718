"""How fast, how small: `make bench` runs everything side by side in one run and says what was measured on what."""
