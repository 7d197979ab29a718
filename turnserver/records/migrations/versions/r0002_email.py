"""Where a reset token can be mailed to, and room for every name among the bans."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Change the tables."""
    with op.batch_alter_table("accounts") as accounts:
        accounts.add_column(sa.Column("email", sa.String(254), nullable=True))
    with op.batch_alter_table("bans") as bans:
        bans.alter_column("subject", existing_type=sa.String(64), type_=sa.String(256), existing_nullable=False)
