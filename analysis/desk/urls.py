"""The addresses of the editors' desk, under `desk/editors/`."""

from django.urls import path

from analysis.desk import views

urlpatterns = [
    path("", views.index, name="editors"),
    path("<int:thread_id>/", views.thread, name="editors-thread"),
]
