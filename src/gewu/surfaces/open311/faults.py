"""What goes wrong, as the standard has it: a list of codes and sentences, and the HTTP status beside it."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from django.core.exceptions import (
    BadRequest,
    RequestDataTooBig,
    SuspiciousOperation,
    TooManyFieldsSent,
    TooManyFilesSent,
)
from django.db import DatabaseError, InterfaceError
from django.http import UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.utils.translation import gettext as _

from gewu.home.database import is_connection_loss
from gewu.home.errorpages import forget_connections
from gewu.ledger.errors import Busy
from gewu.surfaces.open311.formats import Answer
from gewu.surfaces.throttle.budgets import TooMany

_log = logging.getLogger(__name__)


class Fault(Exception):
    """The question cannot be answered; ``said`` are sentences, one for each thing that is wrong."""

    def __init__(self, status: int, *said: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(f"{status}: {' '.join(said)}")
        self.status = status
        self.said = said
        self.headers = headers or {}

    @property
    def answer(self) -> Answer:
        """As the standard writes it."""
        errors = [{"code": self.status, "description": text} for text in self.said]
        return Answer("errors", errors, self.status, self.headers)


def fault_of(error: Exception, where: str) -> Fault:
    """The fault for whatever an address raised. What is our own fault is logged with its trace and told without it."""
    match error:
        case Fault():
            return error
        case TooMany():
            text = _("Too many requests. Please try again in %(seconds)d seconds.") % {"seconds": error.seconds}
            return Fault(429, text, headers={"Retry-After": str(error.seconds)})
        case Busy():
            text = _("Somebody else is at work on this request. Nothing was saved; please send it again.")
            return Fault(503, text, headers={"Retry-After": "1"})
        case RequestDataTooBig() | TooManyFieldsSent() | TooManyFilesSent():
            return Fault(413, _("The body is too large. Nothing was saved."))
        case BadRequest() | SuspiciousOperation() | MultiPartParserError() | UnreadablePostError() | UnicodeError():
            return Fault(
                400,
                _("The body cannot be read. Send application/x-www-form-urlencoded or multipart/form-data in UTF-8."),
            )
        case DatabaseError() | InterfaceError() if is_connection_loss(error):
            forget_connections()
            text = _("The service is not available at the moment. Nothing was saved; please try again soon.")
            return Fault(503, text, headers={"Retry-After": "5"})
    _log.error("%s failed", where, exc_info=error)
    return Fault(500, _("Something went wrong here and was logged. Please try again, or tell the people who run this."))
