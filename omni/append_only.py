"""
Tables whose rows are never changed and never deleted: the database itself refuses it, on both databases.

The triggers are (re)installed after every migrate, because SQLite loses them whenever Django rebuilds a table. There is
one way through them, for one named purpose at a time: ``unlocked``.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import connection, connections, models, transaction

from omni.activity import record
from omni.db import on_postgresql
from omni.models import User

SETTING = "omni.unlocked"
REFUSE = f"""
CREATE OR REPLACE FUNCTION omni_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('{SETTING}', true) = TG_TABLE_NAME THEN
        IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
"""


def guard(model: type[models.Model], *, using: str = "default", except_for: Iterable[str] = ()) -> None:
    """
    Make the table of a model append-only; does nothing twice. except_for: fields that may still change.

    Generated columns follow the others and are left out.
    """
    statements = postgresql_guard if connections[using].vendor == "postgresql" else sqlite_guard
    table = model._meta.db_table
    if table not in connections[using].introspection.table_names():
        return
    columns = [
        str(field.column)
        for field in model._meta.concrete_fields
        if field.name not in set(except_for) and not field.generated
    ]
    with connections[using].cursor() as cursor:
        for statement in statements(table, columns):
            cursor.execute(statement)


def postgresql_guard(table: str, columns: list[str]) -> list[str]:
    old, new = (", ".join(f'{row}."{column}"' for column in columns) for row in ("OLD", "NEW"))
    changed = f"WHEN (ROW({old}) IS DISTINCT FROM ROW({new}))"
    return [
        REFUSE,
        (
            f'CREATE OR REPLACE TRIGGER {table}_no_update BEFORE UPDATE ON "{table}" FOR EACH ROW {changed} '
            "EXECUTE FUNCTION omni_append_only()"
        ),
        (
            f'CREATE OR REPLACE TRIGGER {table}_no_delete BEFORE DELETE ON "{table}" FOR EACH ROW '
            "EXECUTE FUNCTION omni_append_only()"
        ),
    ]


def sqlite_guard(table: str, columns: list[str]) -> list[str]:
    changed = " OR ".join(f'OLD."{column}" IS NOT NEW."{column}"' for column in columns)
    refuse = "BEGIN SELECT RAISE(ABORT, '{table} is append-only: {what} refused'); END"
    return [
        f'CREATE TRIGGER IF NOT EXISTS {table}_no_update BEFORE UPDATE ON "{table}" WHEN {changed} '
        + refuse.format(table=table, what="UPDATE"),
        f'CREATE TRIGGER IF NOT EXISTS {table}_no_delete BEFORE DELETE ON "{table}" '
        + refuse.format(table=table, what="DELETE"),
    ]


def guards(table: str) -> set[str]:
    """Which of UPDATE and DELETE the database refuses on a table now."""
    asked = (
        "SELECT tgname FROM pg_trigger WHERE tgrelid = %s::regclass AND tgenabled <> 'D'"
        if on_postgresql()
        else "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s"
    )
    with connection.cursor() as cursor:
        cursor.execute(asked, [table])
        names = {row[0] for row in cursor.fetchall()}
    return {what for what in ("UPDATE", "DELETE") if f"{table}_no_{what.lower()}" in names}


@contextmanager
def unlocked(model: type[models.Model], *, reason: str, by: User | None, at: datetime) -> Iterator[None]:
    """
    Let rows of one append-only model be deleted inside this block, which is a transaction; audited with its reason.

    On PostgreSQL a setting that ends with the transaction; on SQLite the triggers are taken off and put back on, which
    nobody else sees because a write transaction there is exclusive. An error undoes either.
    """
    table = model._meta.db_table
    with transaction.atomic():
        record("append_only.unlocked", subject=f"table:{table}", at=at, by=by, reason=reason)
        with connection.cursor() as cursor:
            open_table(cursor, table)
            yield
            if on_postgresql():
                cursor.execute("SELECT set_config(%s, '', true)", [SETTING])
        if not on_postgresql():
            guard(model)


def open_table(cursor, table: str) -> None:
    if on_postgresql():
        cursor.execute("SELECT set_config(%s, %s, true)", [SETTING, table])
    else:
        cursor.execute(f"DROP TRIGGER IF EXISTS {table}_no_update")
        cursor.execute(f"DROP TRIGGER IF EXISTS {table}_no_delete")
