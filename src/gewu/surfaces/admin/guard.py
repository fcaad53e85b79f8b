"""Who may administer: an administrator whose session has shown a second factor."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache

from gewu.surfaces.desk.who import Desk, desk_page, page
from gewu.surfaces.signin import secondfactor

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, Desk, P], HttpResponse]


def admin_page(view: View[P]) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Let a view be called by administrators only; without a second factor the page says how to get one.

    Whatever the installation says of second factors elsewhere: who gives out posts and passwords shows one.
    """

    @wraps(view)
    def guarded(request: HttpRequest, desk: Desk, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not request.session.get(secondfactor.SESSION_MARK):
            context: dict[str, object] = {"on": secondfactor.is_on(desk.person)}
            return page(request, desk, "admin/second_factor.html", context, status=403)
        return view(request, desk, *args, **kwargs)

    return never_cache(desk_page("administrator")(guarded))
