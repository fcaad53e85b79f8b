"""Addresses of the desk."""

from __future__ import annotations

from django.urls import path

from gewu.surfaces.desk.views import bulk, case, create, imports, login, lookups, near, notices, photos, queue, tasks
from gewu.surfaces.desk.views.registers import entry, lists, making

app_name = "desk"
urlpatterns = [
    path("", queue.home, name="home"),
    path("login", login.login, name="login"),
    path("post", login.choose_post, name="post"),
    path("logout", login.logout, name="logout"),
    path("keys", tasks.keys, name="keys"),
    path("tasks", tasks.tasks, name="tasks"),
    path("notices", notices.notices, name="notices"),
    path("notices/read", notices.read, name="notices-read"),
    path("intake", create.intake, name="intake"),
    path("intake/<str:number>/done", create.intake_done, name="intake-done"),
    path("spot", create.spot, name="spot"),
    path("found", create.found, name="found"),
    path("bulk", bulk.bulk, name="bulk"),
    path("imports", imports.imports, name="imports"),
    path("imports/replies", imports.list_replies, name="import-replies"),
    path("imports/replies/taken", imports.take_replies, name="import-taken"),
    path("imports/replies/<slug:code>.<slug:form>", imports.reply_sheet, name="import-reply-sheet"),
    path("imports/<uuid:run_id>", imports.one, name="import"),
    path("imports/<uuid:run_id>/part", imports.part, name="import-part"),
    path("imports/<uuid:run_id>/decide", imports.decide, name="import-decide"),
    path("imports/<uuid:run_id>/report.<slug:form>", imports.report, name="import-report"),
    path("find/around", lookups.around, name="around"),
    path("find/near", near.at_intake, name="near-intake"),
    path("find/standards", lookups.standard_choices, name="standards"),
    path("find/<slug:what>", lookups.suggest, name="find"),
    path("map.svg", lookups.district_map, name="map"),
    path("photos/<uuid:photo_id>/thumb", photos.photo, {"size": "thumb"}, name="thumb"),
    path("photos/<uuid:photo_id>", photos.photo, {"size": "page"}, name="photo"),
    path("registers", lists.home, name="registers"),
    path("registers/numbers", making.forms, name="register-numbers"),
    path("registers/entries/<uuid:record_id>", entry.entry, name="register-entry"),
    path("registers/entries/<uuid:record_id>/<slug:move>", entry.act, name="register-act"),
    path("registers/<slug:slug>", lists.register, name="register"),
    path("registers/<slug:slug>/new", making.new, name="register-new"),
    path("registers/<slug:slug>/csv", lists.export, name="register-csv"),
    path("cases/<str:number>", case.case, name="case"),
    path("cases/<str:number>/preview", case.preview, name="preview"),
    path("cases/<str:number>/near", near.beside, name="near"),
    path("cases/<str:number>/split", create.split, name="split"),
    path("cases/<str:number>/<slug:move>", case.act, name="act"),
]
