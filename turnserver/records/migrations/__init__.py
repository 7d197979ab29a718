"""How the records' schema came to be what it is; Alembic runs these, see `turnserver.records.schema`."""
