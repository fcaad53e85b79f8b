"""What the checker of packs says, in the language of the page."""

from __future__ import annotations

import re

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from gewu.registry.administration.rows import NOBODY_LEFT

_KNOWN: list[tuple[re.Pattern[str], Promise | str]] = [
    (
        re.compile(r"role '(?P<role>[^']*)' is needed here, but nobody holds it: .*"),
        _("The playbooks need the role %(role)s, and no post would have it any more."),
    ),
    (re.compile(r"no unit is responsible for (?P<what>.*)"), _("No unit would be responsible for %(what)s.")),
    (
        re.compile(
            r"ties with line \S+: (?P<one>\S+) and (?P<two>\S+) meet in .*units (?P<a>\S+) and (?P<b>\S+) have .*"
        ),
        _("The units %(a)s and %(b)s would have an equal claim where %(one)s and %(two)s meet."),
    ),
    (
        re.compile(r"unit (?P<unit>\S+) ended on (?P<day>\S+)"),
        _(
            "A rule of responsibility names the unit %(unit)s, which would have ended on %(day)s. Change the "
            "rule first."
        ),
    ),
    (
        re.compile(r"unit (?P<unit>\S+) gets official letters.*"),
        _("The unit %(unit)s works by official letter, so nobody can hold a post there with a login."),
    ),
    (
        re.compile(re.escape(NOBODY_LEFT)),
        _("Nobody could administer the district any more. Give the post to somebody else first."),
    ),
    (re.compile(r"the code '(?P<code>[^']*)' is taken"), _("The code %(code)s is taken. Choose another one.")),
    (re.compile(r"the login '(?P<code>[^']*)' is taken"), _("The login %(code)s is taken. Choose another one.")),
    (
        re.compile(r"'(?P<code>[^']*)' is not a login.*"),
        _("A login has 2 to 64 letters, digits, dots, dashes, underscores or @."),
    ),
    (
        re.compile(r"'(?P<code>[^']*)' is not a code.*"),
        _("A code has letters, digits, dots, dashes and underscores only."),
    ),
    (
        re.compile(r"work_phone .* is a mobile number.*"),
        _("This is a mobile number. Only the line of an office stands here."),
    ),
    (
        re.compile(r"work_phone .*"),
        _("This is no telephone number: digits, blanks and hyphens, such as 023-58000000."),
    ),
    (
        re.compile(r"there is a rule for just this.*"),
        _("There is a rule for just this kind, category, place and owner. Change that one."),
    ),
    (re.compile(r"equal to .*"), _("There is a rule for just this kind, category, place and owner. Change that one.")),
    (re.compile(r"category (?P<code>\S+) begins no .*"), _("No category begins with %(code)s.")),
    (re.compile(r"place (?P<code>\S+) is not (?:a place|an area)"), _("There is no place or area %(code)s.")),
    (re.compile(r"owner (?P<code>\S+) is not defined"), _("There is no owner %(code)s.")),
    (re.compile(r"(?P<day>\S+) has an entry already"), _("%(day)s is entered already. Take that entry out first.")),
    (
        re.compile(r".* was not added here, so it is not taken out here"),
        _("This comes from a pack and is not taken out here. Change it instead."),
    ),
    (re.compile(r"person (?P<login>\S+) is not known"), _("Nobody in this district has the login %(login)s.")),
    (re.compile(r"limit_value .*"), _("A limit is a whole number from 1 to 100,000.")),
]


def sentence(fault: str) -> str:
    """A fault as a sentence; one that is not known by heart stands as the checker says it."""
    for pattern, text in _KNOWN:
        found = pattern.fullmatch(fault)
        if found:
            said = str(text)
            return said % {k: v.strip("'") for k, v in found.groupdict().items()} if "%(" in said else said
    return str(_("The checker of packs refuses it: %(reason)s")) % {"reason": fault}
