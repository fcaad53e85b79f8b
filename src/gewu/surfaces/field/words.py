"""What the field's page says. The script has no sentence of its own: they come with the page, in its language."""

from __future__ import annotations

from django.utils.translation import gettext as _


def words() -> dict[str, str]:
    """Sentences by the names under which the script asks for them; ``{n}`` and the like are put in by it."""
    return {
        # the line that says how the outbox stands
        "waiting": _("{n} waiting, nothing sent yet"),
        "waiting_last": _("{n} waiting, last sent {at}"),
        "sending": _("sending"),
        "no_line": _("no connection"),
        "all_sent": _("All sent, last {at}"),
        "nothing_waits": _("Nothing waits"),
        "aside": _("{n} set aside: please look"),
        "others": _("{n} of somebody else wait on this phone; they are sent when that person logs in"),
        "log_in_to_send": _("{n} waiting: log in to send them"),
        "nearly_full": _(
            "The storage of this browser is nearly full ({share} percent). Send what waits before taking more photos;"
            " nothing is deleted."
        ),
        # why it does not start, and what to do
        "not_open": _("The outbox is not open"),
        "start_fails": _("This page could not start"),
        "start_refused": _(
            "This browser keeps nothing for this page: the window is private, or keeping data is forbidden in the"
            " settings. Open the page in an ordinary window, or allow its data; until then use the desk. ({text})"
        ),
        "start_full": _(
            "The storage of this phone is full. Delete something on the phone, films for example, and try again. What"
            " waits to be sent is not lost."
        ),
        "start_held": _(
            "This page is open in another version, in another tab or window. Close it there and try again. Nothing is"
            " lost."
        ),
        "start_failed": _(
            "Something went wrong: {text}. Try again. If it stays so, give these words to whoever runs the system. What"
            " waits to be sent is not lost."
        ),
        "try_again": _("Try again"),
        "to_desk": _("To the desk"),
        # logging out
        "leave_sure": _(
            "{n} entries have not arrived yet. They stay on this phone and are sent when you log in here again. Log out"
            " all the same?"
        ),
        "leave_offline": _(
            "Logging out needs a connection. Everything stays as it is; lock the phone when you put it away."
        ),
        # the day
        "today": _("Today"),
        "tasks": _("Tasks: {n}"),
        "no_tasks": _("No tasks now. What is assigned to you appears here."),
        "no_day": _("Loading your tasks ..."),
        "day_offline": _(
            "Your tasks are not on this phone yet, and there is no connection to load them. Go where there is one and"
            " try again; from then on this page works without."
        ),
        "day_login": _("You are logged out, so the tasks cannot be renewed. What waits on this phone is safe."),
        "day_server": _("The tasks could not be renewed: {text} What waits on this phone is safe."),
        "log_in": _("Log in"),
        "more_tasks": _("There are more; these are the most urgent."),
        "as_of": _("As of {at}"),
        "nearest_first": _("Nearest first"),
        "on_map": _("On the map"),
        "map_loading": _("Loading the map ..."),
        "no_map": _(
            "The map is not on this phone yet. Open it once while there is a connection; then it works without."
        ),
        "finding": _("Finding the position ..."),
        "no_position_short": _("No position"),
        "position_once": _("Where you are is sent with the arrival only, and never again."),
        "metres": _("{n} m"),
        "urgent": _("Urgent"),
        "done_here": _("done, not sent yet"),
        "number": _("Number"),
        "back": _("Back to the tasks"),
        "photo_of_case": _("Photo of the case"),
        "no_picture": _("This photo is not on the phone; it comes with a connection."),
        "waits_here": _("On this phone, not sent yet: {what}"),
        # forms
        "photo_before": _("Photo before"),
        "photo_after": _("Photo after"),
        "photo_any": _("Take a photo"),
        "photo_scene": _("Take a photo"),
        "about": _("{what}: {which}"),
        "photo_needed": _("A photo is needed. Take one."),
        "remove": _("Remove"),
        "where": _("Where"),
        "place": _("Position"),
        "here": _("I am here"),
        "found_here": _("Position taken: {lon}, {lat}"),
        "no_position": _("This phone gives no position. Choose the grid from the list instead."),
        "place_hint": _("or type the name of the grid"),
        "place_needed": _("Press “I am here”, or choose the grid from the list."),
        "place_unknown": _("Choose a place from the list."),
        "category_hint": _("type words: parking, rubbish, lamp"),
        "category_needed": _("Choose a category from those offered."),
        "no_standard": _("This category has no standard. Choose another."),
        "choose": _("Choose"),
        "optional": _("(optional)"),
        "required": _("Please fill this in."),
        "reason": _("Reason"),
        "please_correct": _("Not kept yet: please correct what is marked."),
        "cancel": _("Cancel"),
        "kept": _("Kept on this phone: {what}"),
        "full": _(
            "There is no room left on this phone, so this was not kept. What waits is safe. Send it, then try again;"
            " your entries are still here."
        ),
        "not_kept": _("This could not be kept on the phone. Your entries are still here; please try again."),
        # what became of it
        "outbox": _("Sent and waiting"),
        "outbox_empty": _("What you do outside is listed here until it has arrived."),
        "send_now": _("Send now"),
        "made": _("made {at}"),
        "state_waiting": _("waiting"),
        "state_sent": _("arrived"),
        "state_refused": _("refused"),
        "state_conflict": _("changed meanwhile"),
        "changed": _("Meanwhile others did this:"),
        "stands_at": _("The case stands at: {stage}"),
        "again": _("Send again"),
        "give_up": _("Give up"),
        "give_up_sure": _("Give this up for good? {what}"),
    }
