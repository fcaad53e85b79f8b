"""The Django application of imports; hears of cases that end, delivers replies, forgets what was erased."""

from django.apps import AppConfig


class ImportsConfig(AppConfig):
    name = "gewu.imports"
    label = "imports"
    verbose_name = "Imports"

    def ready(self) -> None:
        from gewu.imports import erased, replies
        from gewu.ledger.erasure import watch
        from gewu.ledger.outbox import register_channel, register_listener, register_outside

        register_listener(replies.listen)
        register_channel(replies.TOPIC, replies.spread)
        register_channel(replies.MERGED, replies.move_on)
        register_outside(replies.SEND, replies.prepare)
        watch(erased.forget)
