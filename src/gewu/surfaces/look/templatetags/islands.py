"""The tags that load an island."""

from __future__ import annotations

from django import template
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from gewu.surfaces.look import islands

register = template.Library()


@register.simple_tag
def island(name: str) -> SafeString:
    """Styles, preloads and script of an island. Raises ``NotBuilt`` where the front end was not built."""
    found = islands.island(name)

    def address(file: str) -> tuple[str]:
        return (static(f"built/{file}"),)

    return format_html(
        '{}{}<script type="module" src="{}"></script>',
        format_html_join("", '<link rel="stylesheet" href="{}">', map(address, found.styles)),
        format_html_join("", '<link rel="modulepreload" href="{}">', map(address, found.preloads)),
        static(f"built/{found.script}"),
    )
