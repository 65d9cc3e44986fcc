"""One indexed table."""

from django.db import models


class Remark(models.Model):
    article = models.IntegerField()
    parent = models.IntegerField(null=True)
    status = models.CharField(max_length=10, default="approved")
    recommendations = models.IntegerField(default=0)
    author = models.CharField(max_length=150)
    email = models.EmailField()
    website = models.URLField(blank=True)
    text = models.TextField()
    created_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["article", "created_at"], name="floor_article_time")]

    def __str__(self) -> str:
        return self.author
