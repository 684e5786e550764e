"""What the platform team decides about the webhook: the chart's values, and the environment.

It refuses to know what the settings are used for.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from modelmonitor_api.reading import Fields
from modelmonitor_operator.inject.settings import InjectionSettings
from modelmonitor_operator.render.injection_webhook import SERVICE
from modelmonitor_operator.settings import SYSTEM_NAMESPACES, read_operator_settings

YEAR_SECONDS: Final = 31_536_000


@dataclass(frozen=True, slots=True)
class CertificateSettings:
    """`folder` has a certificate that others renew; None: the webhook makes its own.

    `valid_seconds`: for so long a certificate is good.  `overlap_seconds`: the next one is
    announced for so long before it is shown.  `check_seconds`: so often it is looked at.
    """

    hosts: frozenset[str]
    folder: Path | None = None
    valid_seconds: int = YEAR_SECONDS
    overlap_seconds: int = 3_600
    check_seconds: int = 60


@dataclass(frozen=True, slots=True)
class WebhookSettings:
    """All settings of the process.

    `drain_seconds`: after it was told to stop it answers for so long, until no API server asks it.
    """

    injection: InjectionSettings
    certificates: CertificateSettings
    excluded_namespaces: frozenset[str] = frozenset(SYSTEM_NAMESPACES)
    namespace: str = "modelmonitor"
    port: int = 10_250
    metrics_port: int = 8_080
    drain_seconds: int = 10
    version: str = "0"


def read_webhook_settings(
    values: Mapping[str, Any],
    environment: Mapping[str, str],
    version: str,
    hosts: Sequence[str] = (),
) -> WebhookSettings:
    """From the chart's values; other keys are others' affair.  SpecError names the key.

    `hosts` are further names and addresses at which API servers reach it.
    """
    shared = read_operator_settings(values, environment, version)
    webhook = Fields(values, "", strict=False).child("webhook")
    service = f"{SERVICE}.{shared.namespace}.svc"
    return WebhookSettings(
        injection=shared.plan.injection,
        certificates=_certificates(webhook.child("certificates"), {service, *hosts}),
        excluded_namespaces=shared.plan.excluded_namespaces,
        namespace=shared.namespace,
        port=webhook.count("port", 10_250, 1_024, 65_535),
        metrics_port=webhook.count("metricsPort", 8_080, 1_024, 65_535),
        drain_seconds=webhook.count("drainSeconds", 10, 0, 60),
        version=version,
    )


def _certificates(fields: Fields, hosts: set[str]) -> CertificateSettings:
    folder = fields.optional_text("folder")
    valid = fields.count("validSeconds", YEAR_SECONDS, 10, 10 * YEAR_SECONDS)
    overlap = fields.count("overlapSeconds", 3_600, 1, YEAR_SECONDS)
    if overlap * 3 >= valid:
        fields.refuse("overlapSeconds", f"is {overlap}; it must be below a third of validSeconds")
    return CertificateSettings(
        hosts=frozenset(hosts),
        folder=None if folder is None else Path(folder),
        valid_seconds=valid,
        overlap_seconds=overlap,
        check_seconds=fields.count("checkSeconds", 60, 1, 3_600),
    )
