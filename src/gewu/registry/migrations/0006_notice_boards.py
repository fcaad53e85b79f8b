import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("registry", "0005_device_kinds"),
    ]

    operations = [
        migrations.AddField(
            model_name="unit",
            name="work_phone",
            field=models.CharField(blank=True, default="", max_length=32),
        ),
        migrations.AddField(
            model_name="post",
            name="work_phone",
            field=models.CharField(blank=True, default="", max_length=32),
        ),
        migrations.AddField(
            model_name="post",
            name="released",
            field=models.JSONField(blank=True, default=dict),
        ),
        migrations.AddField(
            model_name="post",
            name="successor",
            field=models.CharField(blank=True, db_collation="C", default="", max_length=64),
        ),
        migrations.CreateModel(
            name="BoardFile",
            fields=[
                ("id", models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("pack", models.CharField(db_collation="C", editable=True, max_length=64)),
                ("file", models.CharField(max_length=200)),
                ("body", models.TextField()),
                ("loaded_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "ordering": ["pack", "file"],
                "constraints": [models.UniqueConstraint(fields=("pack", "file"), name="board_file")],
            },
        ),
    ]
