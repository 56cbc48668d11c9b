"""What the two databases do differently, and nothing else."""

import functools
import random
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any, ParamSpec, TypeVar

from django.db import OperationalError, connection, models, transaction

P = ParamSpec("P")
R = TypeVar("R")
RETRIED = {
    "40001",
    "40P01",
}  # serialization failure, deadlock (PostgreSQL documentation, section 13.5)
# What a driver does not take as it is; psycopg takes times. DateTimeField is a DateField.
NEEDS_PREPARING = {
    "postgresql": (models.JSONField,),
    "sqlite": (models.DateField, models.JSONField),
}


def on_postgresql() -> bool:
    return connection.vendor == "postgresql"


def try_lock(name: str) -> bool:
    """
    Take a lock of this name until the transaction ends; False when somebody else has it.

    On SQLite a write transaction is exclusive already (transaction_mode IMMEDIATE), so the lock is always had.
    """
    if not on_postgresql():
        return True
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [name])
        return cursor.fetchone()[0]


def retry_conflicts(function: Callable[P, R], tries: int = 5) -> Callable[P, R]:
    """
    Run the whole outermost transaction again when the database asks for it (deadlock, serialization failure).

    Inside another transaction it runs once: only the outermost may be repeated.
    """

    @functools.wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        if transaction.get_connection().in_atomic_block:
            return function(*args, **kwargs)
        for attempt in range(tries):
            try:
                return function(*args, **kwargs)
            except OperationalError as error:
                if getattr(error.__cause__, "sqlstate", None) not in RETRIED or attempt == tries - 1:
                    raise
                time.sleep(random.uniform(0, 0.05 * 2**attempt))
        raise AssertionError("unreachable")

    return run


def insert_rows(model: type[models.Model], names: Sequence[str], rows: Iterable[Sequence]) -> None:
    """
    Add very many rows at once: COPY on PostgreSQL, one prepared statement on SQLite.

    names: columns as attributes (``level_id``). What is not named gets the database's own default, never Python's.
    """
    columns_of = {field.attname: field for field in model._meta.concrete_fields}
    fields = [columns_of[name] for name in names]
    table = connection.ops.quote_name(model._meta.db_table)
    columns = ", ".join(connection.ops.quote_name(str(field.column)) for field in fields)
    prepared = prepare_rows(fields, rows)
    with connection.cursor() as cursor:
        if on_postgresql():
            with cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
                for row in prepared:
                    copy.write_row(row)
        else:
            marks = ", ".join(["%s"] * len(fields))
            statement = f"INSERT INTO {table} ({columns}) VALUES ({marks})"  # noqa: S608 our own names
            cursor.executemany(statement, list(prepared))


def prepare_rows(fields: Sequence, rows: Iterable[Sequence]) -> Iterable[Sequence]:
    """Bring values into the form that the database's driver takes; rows that need nothing pass as they are."""
    kinds = NEEDS_PREPARING[connection.vendor]
    special = {place: field for place, field in enumerate(fields) if isinstance(field, kinds)}
    if not special:
        return rows
    return (
        [
            special[place].get_db_prep_save(value, connection) if place in special and value is not None else value
            for place, value in enumerate(row)
        ]
        for row in rows
    )


def insert_many(rows: Sequence[models.Model], fields: Sequence[str], *, once: bool = False) -> None:
    """
    Add many rows and give them their keys: on PostgreSQL one statement over arrays, else ``bulk_create``.

    fields: what is written; the rest gets the database's own default. once: rows that are there already are left alone,
    and no row is given its key. ``bulk_create`` prepares every value by itself, which costs more than the writing.
    """
    if not rows:
        return
    if not on_postgresql():
        type(rows[0])._default_manager.bulk_create(rows, ignore_conflicts=once)
        return
    meta = rows[0]._meta
    columns: list[Any] = [meta.get_field(name) for name in fields]
    key: Any = meta.pk
    names = ", ".join(connection.ops.quote_name(str(field.column)) for field in columns)
    arrays = ", ".join(f"%s::{field.db_type(connection)}[]" for field in columns)
    last = "ON CONFLICT DO NOTHING" if once else f"RETURNING {connection.ops.quote_name(key.column)}"
    table = connection.ops.quote_name(meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({names}) SELECT * FROM unnest({arrays}) {last}",  # noqa: S608 our own names
            [[field.get_db_prep_save(getattr(row, field.attname), connection) for row in rows] for field in columns],
        )
        if not once:
            for row, (pk,) in zip(rows, cursor.fetchall(), strict=True):
                row.pk = pk


def update_many(rows: Sequence[models.Model], fields: Sequence[str]) -> None:
    """
    Write these fields of many rows: on PostgreSQL in one statement over arrays, on SQLite one prepared statement each.

    ``bulk_update`` builds a CASE per row and field, which costs far more than the writing from a hundred rows on.
    """
    if not rows:
        return
    meta = rows[0]._meta
    columns: list[Any] = [meta.get_field(name) for name in fields]
    key: Any = meta.pk
    values = [[field.get_db_prep_save(getattr(row, field.attname), connection) for field in columns] for row in rows]
    quote = connection.ops.quote_name
    with connection.cursor() as cursor:
        if not on_postgresql():
            sets = ", ".join(f"{quote(field.column)} = %s" for field in columns)
            statement = f"UPDATE {quote(meta.db_table)} SET {sets} WHERE {quote(key.column)} = %s"  # noqa: S608 own names
            cursor.executemany(statement, [(*some, row.pk) for some, row in zip(values, rows, strict=True)])
            return
        sets = ", ".join(f"{quote(field.column)} = new.{quote(field.column)}" for field in columns)
        arrays = ", ".join(["%s::bigint[]", *(f"%s::{field.db_type(connection)}[]" for field in columns)])
        names = ", ".join(["pk", *(quote(field.column) for field in columns)])
        statement = (
            f"UPDATE {quote(meta.db_table)} AS old SET {sets} FROM unnest({arrays}) AS new ({names}) "  # noqa: S608 own names
            f"WHERE old.{quote(key.column)} = new.pk"
        )
        cursor.execute(statement, [[row.pk for row in rows], *(list(column) for column in zip(*values, strict=True))])


def analyze() -> None:
    """
    Let the database look at its tables anew, after very many rows came at once.

    Without it SQLite takes minutes for what takes a third of a second, and PostgreSQL plans blindly for a while.
    """
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
