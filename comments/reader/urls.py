"""The addresses of readers, under `comments/`."""

from django.urls import path

from comments import routes  # noqa: F401  registers <comments_id:…>
from comments.reader import mailbox, mine, privacy_page, reasons, second_looks, views
from comments.reader.feeds import feed

urlpatterns = [
    path("<comments_id:comment_id>/", views.comment, name="comment"),
    path("<comments_id:comment_id>/status/", views.status, name="status"),
    path("<comments_id:comment_id>/replies/", views.replies, name="replies"),
    path("<comments_id:comment_id>/edit/", views.Edit.as_view(), name="edit"),
    path("<comments_id:comment_id>/appeal/", second_looks.Appeal.as_view(), name="appeal"),
    path("<comments_id:comment_id>/revise/", second_looks.Revise.as_view(), name="revise"),
    path("<comments_id:comment_id>/withdraw/", views.Withdraw.as_view(), name="withdraw"),
    path("<comments_id:comment_id>/recommend/", views.Recommend.as_view(), name="recommend"),
    path("<comments_id:comment_id>/report/", views.ReportView.as_view(), name="report"),
    path("<comments_id:comment_id>/tags/<slug:slug>/", reasons.why, name="why"),
    path("<comments_id:comment_id>/tags/<slug:slug>/wrong/", reasons.WrongTag.as_view(), name="wrong_tag"),
    path("threads/<comments_id:thread_id>/post/", views.post, name="post"),
    path("threads/<comments_id:thread_id>/feed/", feed, name="feed"),
    path("threads/<comments_id:thread_id>/subscribe/", mailbox.Subscribe.as_view(), name="subscribe"),
    path("<comments_id:comment_id>/confirm/", mailbox.AskForOwn.as_view(), name="ask_for_own"),
    path("mail/", mailbox.Ask.as_view(), name="ask"),
    path("mail/confirm/<str:token>/", mailbox.Confirm.as_view(), name="confirm"),
    path("mail/subscriptions/<str:token>/", mailbox.Subscriptions.as_view(), name="subscriptions"),
    path("mail/stop/<str:token>/", mailbox.Stop.as_view(), name="stop"),
    path("mine/", mine.overview, name="mine"),
    path("mine/data.json", mine.data, name="mine_data"),
    path("mine/name/", mine.rename, name="mine_rename"),
    path("mine/withdraw/", mine.Withdraw.as_view(), name="mine_withdraw_all"),
    path("mine/withdraw/<comments_id:comment_id>/", mine.Withdraw.as_view(), name="mine_withdraw"),
    path("mine/subscriptions/", mine.subscriptions, name="mine_subscriptions"),
    path("mine/erase/", mine.Erase.as_view(), name="mine_erase"),
    path("privacy/", privacy_page.show, name="privacy"),
    path("preview/", views.preview, name="preview"),
]
