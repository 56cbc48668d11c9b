"""On PostgreSQL the staging table of a reconciliation is scratch: unlogged, keyless, with a block-range index."""

from django.db import migrations

SCRATCH = """
ALTER TABLE inventory_stagedstock SET UNLOGGED;
ALTER TABLE inventory_stagedstock DROP CONSTRAINT inventory_stagedstock_pkey;
DROP INDEX inventory_stagedstock_run;
CREATE INDEX inventory_stagedstock_run ON inventory_stagedstock USING brin (run_id, location_id)
    WITH (pages_per_range = 32, autosummarize = on);
"""
ORDINARY = """
DROP INDEX inventory_stagedstock_run;
CREATE INDEX inventory_stagedstock_run ON inventory_stagedstock (run_id, location_id, remote_sku);
ALTER TABLE inventory_stagedstock ADD PRIMARY KEY (id);
ALTER TABLE inventory_stagedstock SET LOGGED;
"""


def make_scratch(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(SCRATCH)


def make_ordinary(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(ORDINARY)


class Migration(migrations.Migration):
    dependencies = [("inventory", "0001_initial")]

    operations = [migrations.RunPython(make_scratch, make_ordinary)]
