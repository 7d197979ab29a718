"""The first tables: accounts and their sessions, operators, bans, the audit, games."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables."""
    _accounts()
    _console()
    _games()


def _accounts() -> None:
    op.create_table(
        "accounts",
        sa.Column("id", _BIG, nullable=False),
        sa.Column("user", sa.String(64), nullable=False),
        sa.Column("name", sa.String(256), nullable=False),
        sa.Column("name_key", sa.String(256), nullable=False),
        sa.Column("password", sa.String(256), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.Column("seen_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_accounts"),
        sa.UniqueConstraint("user", name="uq_accounts_user"),
        sa.UniqueConstraint("name_key", name="uq_accounts_name_key"),
    )
    op.create_table(
        "sessions",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("account_id", _BIG, nullable=True),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("opened_ms", sa.BigInteger(), nullable=False),
        sa.Column("address", sa.String(64), nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("ended_ms", sa.BigInteger(), nullable=True),
        sa.Column("why", sa.String(16), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_sessions"),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_sessions_account_id", ondelete="SET NULL"),
        sa.UniqueConstraint("digest", name="uq_sessions_digest"),
    )
    op.create_index("ix_sessions_account_id_state", "sessions", ["account_id", "state"])
    op.create_index("ix_sessions_state", "sessions", ["state"])
    op.create_table(
        "reset_tokens",
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("account_id", _BIG, nullable=False),
        sa.Column("made_ms", sa.BigInteger(), nullable=False),
        sa.Column("ends_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_reset_tokens"),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_reset_tokens_account_id", ondelete="CASCADE"),
    )
    op.create_index("ix_reset_tokens_account_id", "reset_tokens", ["account_id"])
    op.create_index("ix_reset_tokens_ends_ms", "reset_tokens", ["ends_ms"])


def _console() -> None:
    op.create_table(
        "operators",
        sa.Column("id", _BIG, nullable=False),
        sa.Column("name", sa.String(256), nullable=False),
        sa.Column("password", sa.String(256), nullable=False),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_operators"),
        sa.UniqueConstraint("name", name="uq_operators_name"),
    )
    op.create_table(
        "console_sessions",
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("operator_id", _BIG, nullable=False),
        sa.Column("opened_ms", sa.BigInteger(), nullable=False),
        sa.Column("seen_ms", sa.BigInteger(), nullable=False),
        sa.Column("ends_ms", sa.BigInteger(), nullable=False),
        sa.Column("address", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_console_sessions"),
        sa.ForeignKeyConstraint(
            ["operator_id"], ["operators.id"], name="fk_console_sessions_operator_id", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_console_sessions_operator_id", "console_sessions", ["operator_id"])
    op.create_index("ix_console_sessions_ends_ms", "console_sessions", ["ends_ms"])
    op.create_table(
        "bans",
        sa.Column("id", _BIG, nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("subject", sa.String(64), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("operator", sa.String(256), nullable=False),
        sa.Column("made_ms", sa.BigInteger(), nullable=False),
        sa.Column("ends_ms", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_bans"),
        sa.UniqueConstraint("kind", "subject", name="uq_bans_kind_subject"),
    )
    op.create_table(
        "audit",
        sa.Column("id", _BIG, nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.String(256), nullable=False),
        sa.Column("act", sa.String(32), nullable=False),
        sa.Column("subject", sa.String(256), nullable=False),
        sa.Column("address", sa.String(64), nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit"),
    )
    op.create_index("ix_audit_subject_at_ms", "audit", ["subject", "at_ms"])
    op.create_index("ix_audit_at_ms", "audit", ["at_ms"])


def _games() -> None:
    op.create_table(
        "games",
        sa.Column("id", _BIG, nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("game_id", sa.String(32), nullable=False),
        sa.Column("title", sa.String(32), nullable=False),
        sa.Column("players", sa.Text(), nullable=False),
        sa.Column("began_ms", sa.BigInteger(), nullable=False),
        sa.Column("ended_ms", sa.BigInteger(), nullable=True),
        sa.Column("how", sa.String(16), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_games"),
        sa.UniqueConstraint("game_id", name="uq_games_game_id"),
    )
    op.create_index("ix_games_ended_ms_id", "games", ["ended_ms", "id"])
