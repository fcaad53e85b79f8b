from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("registry", "0004_synthetic_districts"),
    ]

    operations = [
        migrations.CreateModel(
            name="DeviceKindFile",
            fields=[
                ("pack", models.TextField(primary_key=True, serialize=False)),
                ("body", models.TextField()),
                ("loaded_at", models.DateTimeField()),
            ],
        ),
    ]
