"""What went wrong with a delivery, in the reader's language. The log keeps it in English, for the IT staff."""

from __future__ import annotations

import re
from collections.abc import Callable

from django.utils.translation import gettext as _

_KNOWN: tuple[tuple[re.Pattern[str], Callable[[], str]], ...] = tuple(
    (re.compile(pattern, re.DOTALL), words)
    for pattern, words in (
        (r"the receiver answered 410.*", lambda: _("The receiver wants no more messages (answer 410).")),
        (
            r"the receiver answered (?P<code>\d+); redirects are not followed",
            lambda: _("The receiver points elsewhere (answer %(code)s); redirects are not followed."),
        ),
        (r"the receiver answered (?P<code>\d+)", lambda: _("The receiver answered %(code)s.")),
        (r"no answer within (?P<seconds>[\d.]+) s", lambda: _("No answer within %(seconds)s seconds.")),
        (r"the mail server: no answer within .*", lambda: _("The mail server does not answer.")),
        (r"the mail server: (?P<why>.*)", lambda: _("The mail server did not take it: %(why)s")),
        (r"the mail server refused: (?P<why>.*)", lambda: _("The mail server did not take it: %(why)s")),
        (r"the (?:address|message) was refused: (?P<why>.*)", lambda: _("The mail server did not take it: %(why)s")),
        (r"no answer: (?P<why>.*)", lambda: _("The connection broke off: %(why)s")),
        (r"no connection to (?P<host>\S+): (?P<why>.*)", lambda: _("No connection to %(host)s: %(why)s")),
        (r"the robot refused: (?P<why>.*)", lambda: _("The robot did not take it: %(why)s")),
        (r"the gateway refused: (?P<why>.*)", lambda: _("The gateway did not take it: %(why)s")),
        (r"the (?:robot|gateway)'s answer .*", lambda: _("The answer is not in the expected form.")),
        (r"the webhook was switched off or removed", lambda: _("The webhook was switched off.")),
        (r"the channel or its route was switched off", lambda: _("The channel or who it tells was switched off.")),
        (r"this host is not on the list.*: (?P<host>.*)", lambda: _("%(host)s is not on the list of allowed hosts.")),
        (r"this leads to an inside address.*: (?P<host>.*)", lambda: _("%(host)s is an inside address.")),
        (r"this host name cannot be resolved: (?P<host>.*)", lambda: _("The host name %(host)s is not known.")),
        (r"only https is allowed here: (?P<host>.*)", lambda: _("Only https is allowed to %(host)s.")),
    )
)


def explained(error: str) -> str:
    """An error of the log in words; one that is not known stays as it is."""
    for pattern, words in _KNOWN:
        found = pattern.fullmatch(error)
        if found is not None:
            return words() % {name: value or "" for name, value in found.groupdict().items()}
    return error
