"""The article pages."""

from django.urls import path

from newsroom.articles import views

app_name = "articles"
urlpatterns = [
    path("", views.article_list, name="list"),
    path("articles/<slug:slug>/", views.article_page, name="article"),
]
