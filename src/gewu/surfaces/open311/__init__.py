"""Open311 GeoReport v2 at ``/open311/v2``: what the public pages show and take, for programs of that standard."""
