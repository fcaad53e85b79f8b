"""The WSGI application that the web workers run."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

from gewu.home.lifeline import follow_parent

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gewu.home.settings")

# A worker whose parent was killed would hold the port for ever.
follow_parent(at_once=True)

application = get_wsgi_application()
