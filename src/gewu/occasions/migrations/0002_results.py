"""Results that are counted: lines with a day and a strand; what can be counted stands in ``measures.csv``."""

from pathlib import Path

from django.db import migrations, models

SCHEMA = (Path(__file__).parent / "schema_0002.sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):
    dependencies = [("occasions", "0001_initial")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(SCHEMA, migrations.RunSQL.noop)],
            state_operations=[
                migrations.AddField("Result", "line", models.IntegerField()),
                migrations.AddField("Result", "on_day", models.DateField()),
                migrations.AddField("Result", "strand", models.TextField()),
                migrations.AddField("Result", "struck", models.BooleanField()),
                migrations.AddField("Result", "sealed", models.BinaryField(null=True)),
                migrations.CreateModel(
                    name="MeasureFile",
                    fields=[
                        ("pack", models.TextField(primary_key=True, serialize=False)),
                        ("body", models.TextField()),
                        ("loaded_at", models.DateTimeField()),
                    ],
                    options={"db_table": "measure_file", "managed": False},
                ),
            ],
        ),
    ]
