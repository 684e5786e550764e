"""What Kubernetes and Grafana take for a name: objects, labels, ports, Services, folders.

The same expressions stand in `crds/modelmonitors.modelmonitor.io.yaml`.  It refuses to know which
field is spelled by which of them.
"""

import re
from typing import Final

MAX_DNS_NAME: Final = 253
MAX_LABEL_KEY: Final = 317
MAX_PORT_NAME: Final = 15
MAX_FOLDER: Final = 128

_DNS_LABEL: Final = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_DNS: Final = re.compile(rf"{_DNS_LABEL}(\.{_DNS_LABEL})*")
_LABEL_NAME: Final = r"[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?"
_LABEL_KEY: Final = re.compile(rf"({_DNS.pattern}/)?{_LABEL_NAME}")
_LABEL_VALUE: Final = re.compile(rf"({_LABEL_NAME})?")
_PORT: Final = re.compile(r"(?=.*[a-z])[a-z0-9]+(-[a-z0-9]+)*")
_SERVICE: Final = re.compile(r"[a-z]([-a-z0-9]*[a-z0-9])?")
_NO_FOLDER: Final = re.compile(r"[/\\\x00-\x1f\x7f]|\.\.|^[\s.]*$")


def is_dns_name(text: str, maximum: int = MAX_DNS_NAME) -> bool:
    """Whether Kubernetes would take the text for the name of an object.

    >>> is_dns_name("churn-2.eu"), is_dns_name("churn..eu"), is_dns_name("Churn")
    (True, False, False)
    """
    return len(text) <= maximum and _DNS.fullmatch(text) is not None


def is_label_key(text: str) -> bool:
    """Whether the text may be a label's key: a name of at most 63 characters, after a DNS name and
    a slash or without them.

    >>> is_label_key("app.kubernetes.io/name"), is_label_key("a/b/c")
    (True, False)
    """
    return len(text) <= MAX_LABEL_KEY and _LABEL_KEY.fullmatch(text) is not None


def is_label_value(text: str) -> bool:
    """Whether the text may be a label's value: at most 63 characters, or none."""
    return _LABEL_VALUE.fullmatch(text) is not None


def is_port_name(text: str) -> bool:
    """Whether the text may name a container port: `http` may, `8080` may not.

    >>> is_port_name("http-2"), is_port_name("8080"), is_port_name("http--2")
    (True, False, False)
    """
    return len(text) <= MAX_PORT_NAME and _PORT.fullmatch(text) is not None


def is_service_name(text: str) -> bool:
    """Whether every supported Kubernetes takes the text for a Service: no dots, a letter first."""
    return _SERVICE.fullmatch(text) is not None


def is_folder(text: str) -> bool:
    """Whether the text names one folder, so that Grafana's sidecar cannot take it for a path."""
    return len(text) <= MAX_FOLDER and _NO_FOLDER.search(text) is None
