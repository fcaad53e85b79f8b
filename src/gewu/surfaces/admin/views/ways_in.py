"""How a person comes in, and every form that changes it: passwords, the login service, sessions, the second factor."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _

from gewu.registry.models import Person
from gewu.surfaces.admin import shared as s


def login_forms(found: Person, factor: bool, open_sessions: int) -> list[s.Form]:
    """Every way to change how this person comes in."""

    def act(verb: str, title: str, button: str, said: str, *, danger: bool = False, why: bool = True) -> s.Form:
        fields = [s.reason_field(verb)] if why else []
        return s.Form(title, reverse("admin:person-act", args=[found.login, verb]), fields, button, said, danger=danger)

    forms = [name_form(found)]
    if found.is_active:
        forms.append(
            act(
                "first",
                _("First password"),
                _("Make a first password"),
                _(
                    "It is shown once, holds for 72 hours and opens nothing but the page on which its owner "
                    "chooses another. The password until now and all sessions end."
                ),
            )
        )
        if found.has_usable_password():
            forms.append(
                act(
                    "provider",
                    _("By the login service only"),
                    _("Take the password away"),
                    _(
                        "Then this person comes in by the login service of the installation, which must call "
                        "them “%(login)s”."
                    )
                    % {"login": found.login},
                )
            )
        if open_sessions:
            forms.append(
                act(
                    "sessions",
                    _("End all sessions"),
                    _("End all sessions"),
                    _("A lost telephone, a computer left open: it holds at once."),
                )
            )
        if factor:
            forms.append(
                act(
                    "factor",
                    _("Forget the second factor"),
                    _("Forget the second factor"),
                    _(
                        "The telephone is lost and no recovery code is left. Make sure that it is really they "
                        "who ask; their sessions end."
                    ),
                    danger=True,
                )
            )
        forms.append(
            act(
                "lock",
                _("Lock this login"),
                _("Lock"),
                _("Nobody gets in by it from now on. Posts and records stay as they are."),
                danger=True,
            )
        )
    else:
        forms.append(act("unlock", _("Unlock this login"), _("Unlock"), _("The password and the posts hold again.")))
    return forms


def name_form(found: Person) -> s.Form:
    """The form by which a person is called something else."""
    return s.Form(
        _("Change the name"),
        reverse("admin:person-act", args=[found.login, "name"]),
        [
            s.text("name_zh", _("Name in Chinese"), found.name_zh, prefix="name"),
            s.text("name_en", _("Name in English"), found.name_en, prefix="name"),
        ],
        _("Save"),
    )
