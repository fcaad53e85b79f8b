from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("registry", "0009_content_of_packs"),
    ]

    operations = [
        migrations.CreateModel(
            name="BaseMapFile",
            fields=[
                ("pack", models.TextField(primary_key=True, serialize=False)),
                ("body", models.TextField()),
                ("loaded_at", models.DateTimeField()),
            ],
        ),
    ]
