"""The addresses of the moderation desk, under `desk/moderation/`."""

from django.urls import path

from comments import routes  # noqa: F401  registers <comments_id:…>
from comments.desk import alerts, bulk, lists, live, past, tools, views

urlpatterns = [
    path("", views.queue, name="moderation"),
    path("log/", past.log, name="log"),
    path("log.csv", past.log_csv, name="log-csv"),
    path("workload/", past.show_workload, name="workload"),
    path("lists/", lists.lists, name="word-lists"),
    path("lists/remove/", lists.remove, name="word-lists-remove"),
    path("live/", live.live, name="desk-live"),
    path("news/", live.news, name="desk-news"),
    path("undo/", bulk.undo, name="desk-undo"),
    path("selected/", bulk.decide_selected, name="desk-selected"),
    path("topic/", bulk.decide_topic, name="desk-topic"),
    path("<comments_id:comment_id>/", views.one, name="desk-comment"),
    path("<comments_id:comment_id>/decide/", views.decide, name="decide"),
    path("<comments_id:comment_id>/reply/", tools.reply, name="desk-reply"),
    path("<comments_id:comment_id>/edit/", tools.edit, name="desk-edit"),
    path("<comments_id:comment_id>/block/", tools.block, name="desk-block"),
    path("<comments_id:comment_id>/block/<comments_id:block_id>/", tools.lift, name="desk-lift"),
    path("<comments_id:comment_id>/more/", tools.more, name="desk-more"),
    path("<comments_id:comment_id>/pin/", tools.pin, name="desk-pin"),
    path("<comments_id:comment_id>/mode/", tools.mode, name="desk-mode"),
    path("<comments_id:comment_id>/address/", tools.address, name="desk-address"),
    path("alerts/", alerts.alerts, name="alerts"),
    path("alerts/decide/<str:token>/", alerts.decide_from_mail, name="decide-from-mail"),
    path("alerts/webhooks/", alerts.add_webhook, name="webhook-add"),
    path("alerts/webhooks/<comments_id:webhook_id>/", alerts.webhook, name="webhook"),
    path("alerts/webhooks/<comments_id:webhook_id>/ping/", alerts.ping_webhook, name="webhook-ping"),
    path("alerts/webhooks/<comments_id:webhook_id>/remove/", alerts.remove_webhook, name="webhook-remove"),
    path(
        "alerts/webhooks/<comments_id:webhook_id>/<comments_id:delivery_id>/", alerts.send_again, name="webhook-again"
    ),
]
