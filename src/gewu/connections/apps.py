"""The Django application of connections; ties webhooks and notification channels to ledger, outbox and directory."""

from django.apps import AppConfig


class ConnectionsConfig(AppConfig):
    name = "gewu.connections"
    label = "connections"
    verbose_name = "Connections"

    def ready(self) -> None:
        from gewu.connections import digest, snapshot, webhooks
        from gewu.ledger import outbox
        from gewu.registry.directory import register_extra

        register_extra(snapshot.EXTRA, snapshot.read, snapshot.stamp)
        outbox.register_listener(webhooks.listen)
        outbox.register_outside(webhooks.TOPIC, webhooks.prepare, webhooks.closed)
        outbox.on_notice(digest.hear)
        outbox.register_chore(digest.gather)
        outbox.register_outside(digest.TOPIC, digest.prepare)
