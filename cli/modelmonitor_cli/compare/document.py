"""The comparison as JSON; docs/compare.md and docs/schema/compare.schema.json describe it."""

import json
from typing import Any, Final

from modelmonitor_cli.compare.comparison import (
    ColumnComparison,
    Comparison,
    Distribution,
    Moments,
    Remark,
    Result,
    TableColumn,
)

FORMAT_VERSION: Final = 1

Json = dict[str, Any]


def to_json(comparison: Comparison) -> str:
    """The document; the same for the same tables and options."""
    return json.dumps(_document(comparison), ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def _document(comparison: Comparison) -> Json:
    return {
        "formatVersion": FORMAT_VERSION,
        "q": comparison.q,
        "tables": [
            {
                "name": table.name,
                "path": table.path,
                "rows": table.rows,
                "sampledRows": table.sampled_rows,
            }
            for table in comparison.tables
        ],
        "columns": [_column(column) for column in comparison.columns],
        "leftOut": [{"name": one.name, "why": one.why} for one in comparison.left_out],
        "remarks": list(comparison.remarks),
    }


def _column(column: ColumnComparison) -> Json:
    return {
        "name": column.name,
        "kind": column.kind,
        "differs": column.differs,
        "missingDiffers": column.missing_differs,
        "tables": [_table(table) for table in column.tables],
        "distribution": _distribution(column.distribution),
        "results": [_result(result) for result in column.results],
    }


def _table(table: TableColumn) -> Json:
    return {
        "rows": table.rows,
        "missing": table.missing,
        "missingShare": table.missing_share,
        "invalid": table.invalid,
        "values": table.values,
        "moments": None if table.moments is None else _moments(table.moments),
    }


def _moments(moments: Moments) -> Json:
    return {
        "mean": moments.mean,
        "standardDeviation": moments.standard_deviation,
        "minimum": moments.minimum,
        "median": moments.median,
        "maximum": moments.maximum,
    }


def _distribution(distribution: Distribution) -> Json:
    return {
        "labels": list(distribution.labels),
        "edges": list(distribution.edges),
        "shares": [list(shares) for shares in distribution.shares],
        "others": list(distribution.others),
    }


def _result(result: Result) -> Json:
    effect = result.effect
    return {
        "test": result.test,
        "statistic": result.statistic,
        "degreesOfFreedom": list(result.degrees_of_freedom),
        "p": result.p,
        "pAdjusted": result.p_adjusted,
        "differs": result.differs,
        "effect": None if effect is None else effect.value,
        "effectMeasure": None if effect is None else effect.measure,
        "effectSize": None if effect is None else effect.size,
        "against": result.against,
        "remarks": [_remark(remark) for remark in result.remarks],
    }


def _remark(remark: Remark) -> Json:
    return {"word": remark.word, "sentence": remark.sentence}
