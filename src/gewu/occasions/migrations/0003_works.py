"""Teams and projects: the kind of an occasion, planned quantities, funds and labour, what residents said."""

from pathlib import Path

from django.db import migrations, models

SCHEMA = (Path(__file__).parent / "schema_0003.sql").read_text(encoding="utf-8")


def _event() -> list[tuple[str, models.Field]]:
    key = models.CompositePrimaryKey(
        "district_id", "record_id", "seq", blank=True, editable=False, primary_key=True, serialize=False
    )
    return [
        ("pk", key),
        ("district_id", models.IntegerField()),
        ("record_id", models.UUIDField()),
        ("seq", models.IntegerField()),
    ]


_AT = ("at", models.DateTimeField())
_SEALED = ("sealed", models.BinaryField(null=True))


class Migration(migrations.Migration):
    dependencies = [("occasions", "0002_results")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(SCHEMA, migrations.RunSQL.noop)],
            state_operations=[
                migrations.AddField("Occasion", "sort", models.TextField()),
                migrations.CreateModel(
                    name="Plan",
                    fields=[
                        *_event(),
                        ("line", models.IntegerField()),
                        ("item", models.TextField()),
                        ("measure", models.TextField()),
                        ("quantity", models.BigIntegerField()),
                        ("corrects", models.IntegerField()),
                        _AT,
                        _SEALED,
                    ],
                    options={"db_table": "occasions_plan"},
                ),
                migrations.CreateModel(
                    name="Fund",
                    fields=[
                        *_event(),
                        ("line", models.IntegerField()),
                        ("source", models.TextField()),
                        ("measure", models.TextField()),
                        ("amount", models.BigIntegerField()),
                        ("corrects", models.IntegerField()),
                        ("on_day", models.DateField()),
                        _AT,
                        _SEALED,
                    ],
                    options={"db_table": "occasions_fund"},
                ),
                migrations.CreateModel(
                    name="Poll",
                    fields=[
                        *_event(),
                        ("asked", models.IntegerField()),
                        ("agree", models.IntegerField()),
                        ("against", models.IntegerField()),
                        ("carried", models.BooleanField()),
                        ("on_day", models.DateField()),
                        _AT,
                        _SEALED,
                    ],
                    options={"db_table": "occasions_poll"},
                ),
            ],
        ),
    ]
