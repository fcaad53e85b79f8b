"""Query strings: a misspelt condition must not silently show everything."""

from __future__ import annotations

from django.http import HttpRequest
from pydantic import BaseModel

from gewu.surfaces.api.errors import invalid


def known_only(request: HttpRequest, model: type[BaseModel]) -> None:
    """Refuse parameters that the model does not have. Raises ``ProblemError``."""
    known = {field.alias or name for name, field in model.model_fields.items()}
    unknown = [name for name in request.GET if name not in known]
    if unknown:
        raise invalid(request, *((name[:80], "unknown") for name in unknown[:20]))
