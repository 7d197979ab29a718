"""Tables of the records, by sqladmin: to be searched, sorted and read. Secrets and their hashes are in none of them.

sqladmin finds and counts the rows; its pages are replaced by ours, which need no script, and of its routes only the two
that read are kept.

Source: docs/console.md, "Tables".
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar

from sqladmin import Admin, ModelView
from sqlalchemy import Select, String
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.routing import Route

from turnserver.records.tables import Account, AccountSession, Audit, Ban, Game, Operator

TEMPLATES = Path(__file__).with_name("templates")
"""Where the console's pages are."""

READ = frozenset(("list", "details"))
"""The routes of sqladmin that are kept, by name."""

NUMBER_DIGITS_MAX = 18
"""Digits of a row's number: every one of them is a 64-bit integer."""

PAGE_ROWS = 25
"""Rows of a page."""


def clock(at_ms: int | None) -> str:
    """A time as text, UTC; empty for none."""
    return "" if at_ms is None else datetime.fromtimestamp(at_ms / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")


def _time(model: Any, name: Any) -> str:
    return clock(getattr(model, str(name)))


class _Table(ModelView):
    """A table to be read."""

    can_create = can_edit = can_delete = can_export = can_import = False
    page_size = PAGE_ROWS
    page_size_options: ClassVar[Sequence[int]] = [PAGE_ROWS, 100]

    def details_query(self, request: Request) -> Select[Any]:
        """The row of the path; there is none where what should be a number is none."""
        row: str = request.path_params["pk"]
        is_number = row.isascii() and row.isdecimal() and len(row) <= NUMBER_DIGITS_MAX
        if "\0" in row or not (is_number or isinstance(self.pk_columns[0].type, String)):
            raise HTTPException(404)
        return super().details_query(request)

    def search_query(self, stmt: Select[Any], term: str) -> Select[Any]:
        """The rows in which a word stands; PostgreSQL takes no NUL."""
        return super().search_query(stmt, term.replace("\0", ""))


def _times(*columns: Any) -> dict[Any, Any]:
    return dict.fromkeys(columns, _time)


class Accounts(_Table, model=Account):
    """Accounts, without their passwords."""

    name, name_plural = "account", "Accounts"
    column_list: ClassVar[Any] = [Account.id, Account.name, Account.user, Account.created_ms, Account.seen_ms]
    column_details_list: ClassVar[Any] = [*column_list, Account.name_key]
    column_searchable_list: ClassVar[Any] = [Account.name, Account.name_key, Account.user]
    column_sortable_list: ClassVar[Any] = [Account.id, Account.name, Account.created_ms, Account.seen_ms]
    column_default_sort: ClassVar[Any] = (Account.id, True)
    column_formatters: ClassVar[Any] = _times(Account.created_ms, Account.seen_ms)
    column_formatters_detail: ClassVar[Any] = column_formatters
    column_labels: ClassVar[Any] = {
        Account.created_ms: "created",
        Account.seen_ms: "latest login",
        Account.name_key: "compared as",
    }


class Sessions(_Table, model=AccountSession):
    """Sessions of accounts, without the digests of their tokens."""

    name, name_plural = "session", "Sessions"
    column_list: ClassVar[Any] = [
        AccountSession.id,
        AccountSession.account_id,
        AccountSession.state,
        AccountSession.opened_ms,
        AccountSession.address,
        AccountSession.ended_ms,
        AccountSession.why,
    ]
    column_details_list: ClassVar[Any] = column_list
    column_searchable_list: ClassVar[Any] = [AccountSession.account_id, AccountSession.address, AccountSession.state]
    column_sortable_list: ClassVar[Any] = [AccountSession.opened_ms, AccountSession.account_id]
    column_default_sort: ClassVar[Any] = (AccountSession.opened_ms, True)
    column_formatters: ClassVar[Any] = _times(AccountSession.opened_ms, AccountSession.ended_ms)
    column_formatters_detail: ClassVar[Any] = column_formatters
    column_labels: ClassVar[Any] = {
        AccountSession.account_id: "account",
        AccountSession.opened_ms: "opened",
        AccountSession.ended_ms: "ended",
    }


class Bans(_Table, model=Ban):
    """Bans, those included whose time is over."""

    name, name_plural = "ban", "Bans"
    column_list: ClassVar[Any] = [Ban.id, Ban.kind, Ban.subject, Ban.why, Ban.operator, Ban.made_ms, Ban.ends_ms]
    column_details_list: ClassVar[Any] = column_list
    column_searchable_list: ClassVar[Any] = [Ban.subject, Ban.why, Ban.operator]
    column_sortable_list: ClassVar[Any] = [Ban.id, Ban.subject, Ban.made_ms, Ban.ends_ms]
    column_default_sort: ClassVar[Any] = (Ban.id, True)
    column_formatters: ClassVar[Any] = _times(Ban.made_ms, Ban.ends_ms)
    column_formatters_detail: ClassVar[Any] = column_formatters
    column_labels: ClassVar[Any] = {Ban.operator: "by", Ban.made_ms: "made", Ban.ends_ms: "ends"}


class Audits(_Table, model=Audit):
    """The audit."""

    name, name_plural = "act", "Audit"
    column_list: ClassVar[Any] = [
        Audit.id,
        Audit.at_ms,
        Audit.actor,
        Audit.act,
        Audit.subject,
        Audit.address,
        Audit.details,
    ]
    column_details_list: ClassVar[Any] = column_list
    column_searchable_list: ClassVar[Any] = [Audit.actor, Audit.act, Audit.subject, Audit.address]
    column_sortable_list: ClassVar[Any] = [Audit.id, Audit.actor, Audit.act, Audit.subject]
    column_default_sort: ClassVar[Any] = (Audit.id, True)
    column_formatters: ClassVar[Any] = _times(Audit.at_ms)
    column_formatters_detail: ClassVar[Any] = column_formatters
    column_labels: ClassVar[Any] = {Audit.at_ms: "when"}


class Games(_Table, model=Game):
    """Matches and rooms."""

    name, name_plural = "game", "Games"
    column_list: ClassVar[Any] = [
        Game.id,
        Game.kind,
        Game.game_id,
        Game.title,
        Game.players,
        Game.began_ms,
        Game.ended_ms,
        Game.how,
    ]
    column_details_list: ClassVar[Any] = column_list
    column_searchable_list: ClassVar[Any] = [Game.game_id, Game.title, Game.players, Game.how]
    column_sortable_list: ClassVar[Any] = [Game.id, Game.title, Game.began_ms, Game.ended_ms]
    column_default_sort: ClassVar[Any] = (Game.id, True)
    column_formatters: ClassVar[Any] = _times(Game.began_ms, Game.ended_ms)
    column_formatters_detail: ClassVar[Any] = column_formatters
    column_labels: ClassVar[Any] = {Game.game_id: "game", Game.began_ms: "began", Game.ended_ms: "ended"}


class Operators(_Table, model=Operator):
    """Operators, without their passwords."""

    name, name_plural = "operator", "Operators"
    column_list: ClassVar[Any] = [Operator.id, Operator.name, Operator.created_ms]
    column_details_list: ClassVar[Any] = column_list
    column_default_sort: ClassVar[Any] = (Operator.id, True)
    column_formatters: ClassVar[Any] = _times(Operator.created_ms)
    column_formatters_detail: ClassVar[Any] = column_formatters
    column_labels: ClassVar[Any] = {Operator.created_ms: "created"}


VIEWS: Sequence[type[ModelView]] = (Accounts, Sessions, Bans, Audits, Games, Operators)
"""All tables, in the order of the menu."""


def add_tables(app: Starlette, engine: AsyncEngine, path: str) -> Admin:
    """Let an application show the tables at `path`, a page for each and one for each row."""
    admin = Admin(app, engine, base_url=path, title="turnserver", templates_dir=str(TEMPLATES))
    for view in VIEWS:
        admin.add_view(view)
    router = admin.admin.router
    router.routes[:] = [route for route in router.routes if isinstance(route, Route) and route.name in READ]
    return admin
