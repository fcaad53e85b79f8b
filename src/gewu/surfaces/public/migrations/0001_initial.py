"""The count of knocks at the public pages."""

from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Knock",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "key", "since", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("key", models.BinaryField(max_length=16)),
                ("since", models.DateTimeField()),
                ("times", models.IntegerField()),
            ],
            options={
                "db_table": "public_knock",
            },
        ),
    ]
