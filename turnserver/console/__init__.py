"""The operator's console: HTML, without a line of script. It and `turnserver.edge` never import each other.

`door` is all that a server without operators loads.
"""
