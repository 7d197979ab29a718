"""HTTP: reads a request, calls wire and service, writes the reply. No rule of the game lives here."""
