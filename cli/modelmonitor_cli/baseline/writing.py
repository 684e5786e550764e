"""Writes a baseline to where the user wants it: JSON, packed JSON, or a ConfigMap's manifest."""

import sys
from collections.abc import Sequence

from modelmonitor_api.baseline import Baseline, digest, to_gzip, to_json
from modelmonitor_cli.baseline.configmap import manifest
from modelmonitor_cli.baseline.options import OutputOptions
from modelmonitor_cli.report.output import write_output


def write_baseline(baseline: Baseline, output: OutputOptions, remarks: Sequence[str] = ()) -> int:
    """Write, say on standard error what was written, and return the exit status."""
    data = _encoded(baseline, output)
    if output.file is None:
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.flush()
    else:
        write_output(output.file, data, "-o")
    for remark in remarks:
        print(f"note: {remark}", file=sys.stderr)
    where = output.file or "standard output"
    print(
        f"{where}: model {baseline.model}, {baseline.rows:,} rows, {len(baseline.features)} "
        f"features, digest {digest(baseline)[:8]}",
        file=sys.stderr,
    )
    return 0


def _encoded(baseline: Baseline, output: OutputOptions) -> bytes:
    if output.configmap is not None:
        return manifest(baseline, output.configmap, output.namespace).encode()
    if output.file is not None and output.file.suffix == ".gz":
        return to_gzip(baseline)
    return to_json(baseline).encode()
