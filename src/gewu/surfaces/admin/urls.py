"""Addresses of the administration."""

from __future__ import annotations

from django.urls import path

from gewu.surfaces.admin.views import (
    access,
    calendars,
    catalogue,
    home,
    log,
    new_post,
    people,
    posts,
    responsibility,
    rosters,
    units,
)

app_name = "admin"
urlpatterns = [
    path("", home.home, name="start"),
    path("people", people.people, name="people"),
    path("add/person", people.new, name="person-new"),
    path("people/<str:login>", people.person, name="person"),
    path("people/<str:login>/give", posts.give, name="give"),
    path("people/<str:login>/<slug:verb>", people.act, name="person-act"),
    path("posts", posts.posts, name="posts"),
    path("add/post", new_post.new, name="post-new"),
    path("posts/<str:code>", posts.post, name="post"),
    path("posts/<str:code>/give", posts.give_to, name="post-give"),
    path("posts/<str:code>/<slug:verb>", posts.act, name="post-act"),
    path("units", units.units, name="units"),
    path("add/unit", units.new, name="unit-new"),
    path("units/<str:code>", units.unit, name="unit"),
    path("units/<str:code>/<slug:verb>", units.act, name="unit-act"),
    path("rosters", rosters.overview, name="rosters"),
    path("rosters/<str:code>", rosters.roster, name="roster"),
    path("rosters/<str:code>/put", rosters.put, name="roster-put"),
    path("catalogue", catalogue.catalogue, name="catalogue"),
    path("catalogue/<slug:kind>/<str:code>", catalogue.category, name="category"),
    path("catalogue/<slug:kind>/<str:code>/limit", catalogue.limit, name="limit"),
    path("responsibility", responsibility.responsibility, name="responsibility"),
    path("responsibility/add", responsibility.add, name="rule-add"),
    path("responsibility/<int:rule_id>", responsibility.rule, name="rule"),
    path("responsibility/<int:rule_id>/set", responsibility.set_unit, name="rule-set"),
    path("calendar", calendars.calendar, name="calendar"),
    path("calendar/day", calendars.day, name="calendar-day"),
    path("calendar/out", calendars.out, name="calendar-out"),
    path("calendar/year", calendars.year, name="calendar-year"),
    path("access", access.access, name="access"),
    path("log", log.log, name="log"),
    path("log/withdraw", log.take_back, name="withdraw"),
]
