"""Addresses of the public pages. None of them carries words, a position or a code."""

from __future__ import annotations

from django.urls import path, register_converter

from gewu.surfaces.public import (
    boards,
    duty,
    follow,
    home,
    opendata,
    report,
    results,
    same,
    seals,
    showcase,
    solved,
    stations,
    views,
    where,
    who,
    workdays,
)


class TokenConverter:
    """The token of a draft: 32 hexadecimal digits."""

    regex = "[0-9a-f]{32}"

    def to_python(self, value: str) -> str:
        """As it is."""
        return value

    def to_url(self, value: str) -> str:
        """As it is."""
        return value


class SizeConverter:
    """The side of a map image."""

    regex = "328|640"

    def to_python(self, value: str) -> int:
        """A number."""
        return int(value)

    def to_url(self, value: int) -> str:
        """Its digits."""
        return str(value)


register_converter(TokenConverter, "token")
register_converter(SizeConverter, "mapsize")

app_name = "public"
urlpatterns = [
    path("", home.home, name="home"),
    path("about", views.about, name="about"),
    path("results", results.results, name="results"),
    path("boards", boards.choose, name="boards"),
    path("boards/<slug:code>", boards.board, name="board"),
    path("solved", solved.solved, name="solved"),
    path("solved/points.json", solved.points, name="solved-points"),
    path("solved/here", solved.here, name="solved-here"),
    path("solved/photo/<uuid:copy_id>", solved.photo, name="solved-photo"),
    path("stations", stations.stations, name="stations"),
    path("stations/points.json", stations.points, name="stations-points"),
    path("stations/map-<mapsize:size>.svg", stations.drawing, name="stations-map"),
    path("open-data", opendata.page, name="open-data"),
    path("open-data/<slug:code>.<slug:form>", opendata.download, name="open-data-file"),
    path("workdays", workdays.workdays, name="workdays"),
    path("joint-duty", duty.duty, name="duty"),
    path("showcase", showcase.showcase, name="showcase"),
    path("showcase/photo/<uuid:photo_id>", showcase.photo, name="showcase-photo"),
    path("honours", showcase.honours, name="honours"),
    path("vote", showcase.vote, name="vote"),
    path("robots.txt", views.robots, name="robots"),
    path("sitemap.xml", views.sitemap, name="sitemap"),
    path("seals", seals.page, name="seals"),
    path("seals/<int:no>.json", seals.download, name="seal"),
    path("report", report.start, name="report"),
    path("report/<token:token>/what", report.what, name="what"),
    path("report/<token:token>/where", where.where, name="where"),
    path("report/<token:token>/map-<mapsize:size>.svg", where.map_image, name="map"),
    path("report/<token:token>/same", same.same, name="same"),
    path("report/<token:token>/who", who.who, name="who"),
    path("report/<token:token>/done", report.done, name="done"),
    path("report/<token:token>/photo/<uuid:photo_id>", report.staged_photo, name="staged"),
    path("follow", follow.find, name="follow"),
    path("follow/<str:number>", follow.progress, name="progress"),
    path("follow/<str:number>/note", follow.note, name="note"),
    path("follow/<str:number>/opinion", follow.opinion, name="opinion"),
    path("follow/<str:number>/photo/<uuid:photo_id>", follow.photo, name="photo"),
    path("follow/<str:number>/leave", follow.leave, name="leave"),
]
