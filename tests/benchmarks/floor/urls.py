"""The site's addresses, and the floor's beside them."""

from django.urls import include, path

from tests.benchmarks.floor import views

urlpatterns = [
    path("floor/<int:article>/", views.page),
    path("floor/<int:article>/json/", views.Remarks.as_view()),
    path("", include("newsroom.urls")),
]
