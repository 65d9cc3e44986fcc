"""The admin of articles. Saving one makes its discussion."""

from django.contrib import admin

from newsroom.articles.models import Article


@admin.register(Article)
class ArticleAdmin(admin.ModelAdmin):
    list_display = ["title", "published_at", "language"]
    search_fields = ["title", "slug"]
    date_hierarchy = "published_at"
    prepopulated_fields = {"slug": ["title"]}
    fields = ["title", "slug", "standfirst", "byline", "body", "language", "published_at"]
