#!/usr/bin/env python
"""Django's command line. Commands work for the operator, so they see every site."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sonko_cms.settings")
    from django.core.management import execute_from_command_line

    from tenancy.scope import unrestricted

    with unrestricted("command line"):
        execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
