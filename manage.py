#!/usr/bin/env python3
"""Spareparts from the command line.

``python3 manage.py demo`` and ``python3 manage.py test`` need nothing but Python: outside a virtual
environment they make one beside this file first. Every other command is Django's own.

This file must parse on any Python a machine may have, so that an old one gets a sentence instead of a
syntax error: no annotations, no f-strings. What needs a newer Python stands in config/bootstrap.py.
"""

import os
import sys

NEEDED = (3, 11)


def refuse_old_python(version):
    """The sentence for a Python that is too old, or None."""
    if tuple(version[:2]) >= NEEDED:
        return None
    return (
        "Spareparts needs Python %d.%d or newer, and this is Python %d.%d. "
        "Run the same command with a newer one, for example python3.11 manage.py demo." % (NEEDED + tuple(version[:2]))
    )


def run_django(argv):
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    try:
        from django.core.management import execute_from_command_line
    except ImportError:
        sys.stderr.write(
            "Django is not installed for this Python. Run python3 manage.py demo once, "
            "then use .venv/bin/python manage.py.\n"
        )
        return 1
    execute_from_command_line(argv)
    return 0


def main(argv):
    refusal = refuse_old_python(sys.version_info)
    if refusal:
        sys.stderr.write(refusal + "\n")
        return 1
    if len(argv) < 2 or argv[1] not in ("demo", "test"):
        return run_django(argv)

    from config import bootstrap

    try:
        bootstrap.prepare(argv)
    except bootstrap.Refused as refused:
        sys.stderr.write(str(refused) + "\n")
        return 1
    except KeyboardInterrupt:
        return 130
    if argv[1] == "test":
        from tests.run import main as run_tests

        return run_tests(argv[2:])
    return run_django(argv)


if __name__ == "__main__":
    sys.exit(main(sys.argv))
