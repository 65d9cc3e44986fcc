"""The site's Celery application. `celery -A newsroom.celery worker -B` runs the tasks of both apps and their schedule.

The only door to Celery beside the apps' tasks: health checks ask it for the broker, the demo for a worker.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from celery import Celery, bootsteps
from celery.beat import EmbeddedService, Scheduler
from celery.concurrency.base import BasePool, apply_target
from celery.concurrency.thread import ApplyResult
from celery.exceptions import SecurityWarning
from celery.signals import worker_init, worker_ready
from django.conf import settings

from newsroom import file_broker

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "newsroom.settings")

app = Celery("newsroom")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_init.connect
def _prepare_broker(**_: Any) -> None:
    """Heal the embedded broker's folders before a worker opens them."""
    if _is_file_broker():
        options = settings.CELERY_BROKER_TRANSPORT_OPTIONS
        file_broker.prepare(options["data_folder_in"], options["control_folder"])


@worker_ready.connect
def _sweep_at_once(**_: Any) -> None:
    """Take up what was left while no worker ran, without waiting for the schedule."""
    for entry in (
        "analysis.tasks.sweep",
        "comments.tasks.sweep_mail",
        "comments.tasks.sweep_alerts",
        "comments.tasks.forget",
    ):
        if entry in app.tasks:
            app.send_task(entry, retry=False)


class BeatThread(bootsteps.StartStopStep):
    """The schedule as a thread of the worker.

    `-B` makes it a process of its own, which outlives a worker that is killed and goes on filling the queue.
    """

    def __init__(self, worker: Any, **_: Any) -> None:
        self.beat: Any = None

    def start(self, worker: Any) -> None:
        self.beat = EmbeddedService(worker.app, thread=True, scheduler_cls=Scheduler)
        self.beat.start()

    def stop(self, worker: Any) -> None:
        if self.beat is not None:
            # Nothing to wait for: the schedule is in memory, and the thread ends with the process.
            self.beat.service.stop(wait=False)


LANES = {
    "comments.tasks.send_mail": "mail",
    "comments.tasks.sweep_mail": "mail",
    "comments.tasks.send_delivery": "webhooks",
    "comments.tasks.sweep_alerts": "webhooks",
    "comments.tasks.tell_akismet": "services",
    "analysis.tasks.learn_screen": "learning",
    "analysis.tasks.forget_words": "learning",
}
"""Which lane of the embedded worker a task takes, by its name; the others share one, as each wants the processor.

Work that waits for somebody outside (a mail server, another site, a process that learns for minutes) has one for each
kind, so that whoever does not answer keeps nobody else waiting.
"""


class LanePool(BasePool):
    """The pool of the embedded worker: a thread for each lane, in which one task is done after another. Workers of a
    cluster take Celery's own pools."""

    body_can_be_buffer = True
    signal_safe = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._lanes: dict[str, ThreadPoolExecutor] = {
            lane: ThreadPoolExecutor(max_workers=1, thread_name_prefix=lane) for lane in {"main", *LANES.values()}
        }

    def on_apply(
        self,
        target: Callable[..., Any],
        args: Any = None,
        kwargs: Any = None,
        callback: Any = None,
        accept_callback: Any = None,
        **_: Any,
    ) -> ApplyResult:
        """Put a task into its lane; its name is the first argument of what Celery has called."""
        lane = self._lanes[LANES.get(args[0], "main")]
        return ApplyResult(lane.submit(apply_target, target, args, kwargs, callback, accept_callback))

    def on_stop(self) -> None:
        """Let each lane finish the task that it is at; the sweeps find what was behind it."""
        for lane in self._lanes.values():
            lane.shutdown(wait=False, cancel_futures=True)
        for lane in self._lanes.values():
            lane.shutdown()
        super().on_stop()


def run_worker(on_ready: Callable[[], None]) -> None:
    """Run a worker with its schedule in this process, until a signal stops it."""
    # It warns of root because of pickled messages; ours are JSON and hold an id.
    warnings.filterwarnings("ignore", category=SecurityWarning)
    worker_ready.connect(lambda **_: on_ready(), weak=False)
    app.steps["worker"].add(BeatThread)
    app.conf.worker_pool = "newsroom.celery:LanePool"
    # Whatever is there is taken at once: what fills one lane must not keep the next tasks of another in the queue.
    app.conf.worker_prefetch_multiplier = 0
    options = ["--concurrency=1", "--without-gossip", "--without-mingle"]
    app.worker_main(["--quiet", "worker", *options, f"--loglevel={settings.LOG_LEVEL}"])


def check_broker() -> None:
    """Raise whatever the broker's client raises where the broker cannot be reached or written to."""
    if _is_file_broker():
        folder = settings.CELERY_BROKER_TRANSPORT_OPTIONS["data_folder_out"]
        file_broker.prepare(folder)
        if not os.access(folder, os.W_OK | os.X_OK):
            raise OSError(f"cannot write to {folder}")
        return
    if settings.CELERY_BROKER_URL.startswith("memory:"):
        return
    with app.connection_for_write() as connection:
        connection.ensure_connection(max_retries=1, interval_start=0, interval_step=0)


def _is_file_broker() -> bool:
    # Asked late: a settings module that imports from `newsroom.settings` imports this module half-way.
    return bool(settings.CELERY_BROKER_URL.startswith("filesystem:"))
