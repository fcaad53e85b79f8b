"""One table of budgets for the API, the pages and Open311. The counts before it were young: they begin anew."""

from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        migrations.CreateModel(
            name="Budget",
            fields=[
                ("key", models.BinaryField(max_length=32, primary_key=True, serialize=False)),
                ("full_at", models.DateTimeField(db_index=True)),
            ],
            options={"db_table": "throttle_budget"},
        ),
    ]
