"""What is remembered of all monitors."""

import pickle

from modelmonitor_operator.control.book import MonitorBook, key_of
from modelmonitor_operator.testing_monitors import monitor


def test_namespaces_that_come_and_go_leave_nothing_behind() -> None:
    book, of_another = MonitorBook(), monitor()
    of_another["metadata"]["namespace"] = "stays"
    book.heard(of_another)
    before = pickle.dumps(book)

    for place in range(10):
        resource = monitor()
        resource["metadata"]["namespace"] = f"preview-{place}"
        book.heard(resource)
        book.gone(key_of(resource))

    assert pickle.dumps(book) == before
