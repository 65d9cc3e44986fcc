"""A bare page, a bare DRF list and a bare DRF post over one indexed table, as the tutorials write them."""

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from rest_framework import generics, pagination, serializers

from newsroom.articles.models import Article
from tests.benchmarks.floor.models import Remark


class RemarkForm(forms.ModelForm):
    class Meta:
        model = Remark
        fields = ["text", "author", "email", "website"]


def page(request: HttpRequest, article: int) -> HttpResponse:
    """The article, its newest fifty comments, their number, and a form."""
    rows = Remark.objects.filter(article=article)
    context = {
        "article": Article.objects.order_by("id")[0],
        "total": rows.count(),
        "remarks": rows.order_by("-created_at")[:50],
        "form": RemarkForm(),
    }
    return render(request, "floor/page.html", context)


class RemarkSerializer(serializers.ModelSerializer):
    class Meta:
        model = Remark
        fields = [
            "id", "article", "parent", "author", "website", "text", "created_at", "status", "recommendations", "email",
        ]  # fmt: skip
        read_only_fields = ["article", "created_at", "status", "recommendations"]
        extra_kwargs = {"email": {"write_only": True}}


class Fifty(pagination.PageNumberPagination):
    page_size = 50


class Remarks(generics.ListCreateAPIView):
    serializer_class = RemarkSerializer
    pagination_class = Fifty
    authentication_classes: list = []
    permission_classes: list = []

    def get_queryset(self):
        return Remark.objects.filter(article=self.kwargs["article"]).order_by("-created_at")

    def perform_create(self, serializer) -> None:
        serializer.save(article=self.kwargs["article"], created_at=timezone.now())
