"""The addresses of a site without the add-on."""

from django.contrib.auth import views as auth
from django.urls import include, path

from newsroom.articles import views

articles = [
    path("", views.article_list, name="list"),
    path("articles/<slug:slug>/", views.article_page, name="article"),
]

urlpatterns = [
    path("", include((articles, "articles"))),
    path("", include("comments.urls")),
    path("accounts/login/", auth.LoginView.as_view(), name="login"),
]
