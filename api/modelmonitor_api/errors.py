"""The errors a user can mend: each names the file, field or object and what to do."""


class InputError(ValueError):
    """Something a person wrote is wrong; the message is one sentence that says what to do.

    `where` names the place (``spec.windows[0]``, ``baseline.json: features[3].edges``).
    """

    def __init__(self, where: str, problem: str) -> None:
        super().__init__(f"{where}: {problem}")
        self.where = where
        self.problem = problem


class SpecError(InputError):
    """A ModelMonitor resource that cannot be used as written."""


class DocumentError(InputError):
    """A baseline or a sidecar configuration that cannot be read."""


class NewerFormatError(DocumentError):
    """A document of a later version than this program reads; the remedy is an upgrade."""
