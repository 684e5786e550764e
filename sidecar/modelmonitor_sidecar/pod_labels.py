"""The pod's labels as the downward API writes them into a file.  Refuses to read the file."""


def parse_labels(text: str) -> dict[str, str]:
    r"""The labels: a line each, ``key="value"``; other lines are left out.

    >>> parse_labels('app="churn"\napp.kubernetes.io/version="1.2"\n')
    {'app': 'churn', 'app.kubernetes.io/version': '1.2'}
    """
    pairs = (line.partition("=") for line in text.splitlines())
    return {key: value.strip().strip('"') for key, equals, value in pairs if equals}
