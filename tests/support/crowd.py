"""Many at once: threads that start together, each with a connection of its own; or processes, for real weight."""

import multiprocessing
import threading
from collections.abc import Callable, Sequence
from typing import Any

from django.db import connection, connections


def at_once(deeds: Sequence[Callable[[], Any]]) -> list[Any]:
    """Start all deeds at the same moment; for each its result, or the exception it ended with, in order."""
    start = threading.Barrier(len(deeds), timeout=60)
    results: list[Any] = [None] * len(deeds)

    def run(number: int) -> None:
        try:
            connection.ensure_connection()
            start.wait()
            results[number] = deeds[number]()
        except Exception as error:  # noqa: BLE001  whatever it is belongs to the result
            results[number] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[number]) for number in range(len(deeds))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def processes(deeds: Sequence[Callable[[], Any]]) -> list[Any]:
    """The same in processes. Our own connections are closed first: a forked one would be shared."""
    connections.close_all()
    context = multiprocessing.get_context("fork")
    queue = context.Queue()
    workers = [context.Process(target=_report, args=(deed, queue), daemon=True) for deed in deeds]
    for worker in workers:
        worker.start()
    results = [queue.get(timeout=300) for _worker in workers]
    for worker in workers:
        worker.join()
    return results


def _report(deed: Callable[[], Any], queue: Any) -> None:
    try:
        queue.put(deed())
    except Exception as error:  # noqa: BLE001  whatever it is belongs to the result
        queue.put(repr(error))
    finally:
        connections.close_all()
