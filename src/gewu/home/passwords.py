"""What a password must be, in our own words: Django's Chinese leaves one of these sentences in English.

The rules themselves are Django's (GB/T 22239-2019, 8.1.4.1 a: identity is proven by something that is complex enough).
"""

from __future__ import annotations

from django.contrib.auth.password_validation import (
    CommonPasswordValidator,
    MinimumLengthValidator,
    UserAttributeSimilarityValidator,
)
from django.utils.translation import gettext as _


class LongEnough(MinimumLengthValidator):
    """Not shorter than ``min_length`` signs."""

    def get_error_message(self) -> str:
        """What a refused password is told."""
        return _("The password is too short: it needs %(n)d signs or more.") % {"n": self.min_length}

    def get_help_text(self) -> str:
        """What is said before anything is typed."""
        return _("%(n)d signs or more.") % {"n": self.min_length}


class UnlikeTheirOwn(UserAttributeSimilarityValidator):
    """Not the person's login or name, nor nearly so."""

    def __init__(self) -> None:
        super().__init__(user_attributes=("login", "name_en", "name_zh"))

    def get_error_message(self) -> str:
        """What a refused password is told."""
        return _("The password is too much like the login or the name.")

    def get_help_text(self) -> str:
        """What is said before anything is typed."""
        return _("Not like the login or the name.")


class Uncommon(CommonPasswordValidator):
    """None of the twenty thousand passwords that are tried first."""

    def get_error_message(self) -> str:
        """What a refused password is told."""
        return _("Too many people use this password: it would be guessed.")

    def get_help_text(self) -> str:
        """What is said before anything is typed."""
        return _("None that many people use.")
