from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("registry", "0008_second_factor"),
    ]

    operations = [
        migrations.AddField(
            model_name="packload",
            name="sha256",
            field=models.CharField(db_collation="C", default="", max_length=64),
        ),
    ]
