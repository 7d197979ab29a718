"""Records: what is kept for people to look up, in a relational database. Accounts, bans, the audit, finished games.

Live state (`turnserver.store`) answers polls; records answer who somebody is and what has been. Nothing on the way of a
relay update touches them. SQLite keeps them in a file beside the journal, PostgreSQL for any number of servers.
"""
