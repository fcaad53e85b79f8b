"""What was solved last is found by an index."""

from pathlib import Path

from django.db import migrations

SCHEMA = (Path(__file__).parent / "schema_0004.sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):
    dependencies = [("cases", "0003_hops")]

    operations = [migrations.RunSQL(SCHEMA, migrations.RunSQL.noop)]
