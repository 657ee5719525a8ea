"""The units every company starts with; the administrator may change or delete them."""

from django.db import migrations

UNITS = (("pc", "piece", 0), ("set", "set", 0), ("m", "metre", 2), ("l", "litre", 2), ("kg", "kilogram", 3))


def add_units(apps, schema_editor):
    unit = apps.get_model("inventory", "Unit")
    for code, name, decimal_places in UNITS:
        unit.objects.get_or_create(code=code, defaults={"name": name, "decimal_places": decimal_places})


class Migration(migrations.Migration):
    dependencies = [("inventory", "0001_initial")]

    operations = [migrations.RunPython(add_units, migrations.RunPython.noop, elidable=False)]
