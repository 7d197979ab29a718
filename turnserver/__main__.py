"""`python -m turnserver` is `turnserver`."""

from turnserver.cli import main

main()
