"""All tables of a comparison by name, with their row types."""

from __future__ import annotations

from typing import NamedTuple

from cxrcompare.comparison.row_types.agreement_rows import (
    DisagreementRow,
    JointErrorRow,
    ModelAgreementRow,
)
from cxrcompare.comparison.row_types.calibration_rows import (
    CalibrationDifferenceRow,
    CalibrationRow,
    RecalibratedCurveRow,
    RecalibratedDifferenceRow,
    RecalibratedRow,
    ViewsCalibrationRow,
)
from cxrcompare.comparison.row_types.decision_rows import (
    AtPrevalenceRow,
    CostDifferenceRow,
    NetBenefitDifferenceRow,
    NetBenefitRow,
    OperatingPointRow,
    TreatmentRow,
)
from cxrcompare.comparison.row_types.group_rows import GapDifferenceRow, SubgroupGapRow
from cxrcompare.comparison.row_types.label_rows import (
    LabelCorrectionPairRow,
    LabelCorrectionRow,
    ReferenceAgreementRow,
    ReferenceModelRow,
    ReferenceOrderRow,
    ReferencePairRow,
)
from cxrcompare.comparison.row_types.localisation_rows import LOCALISATION
from cxrcompare.comparison.row_types.main_rows import (
    AddedToMetadataRow,
    AgainstBaselineRow,
    AnalyticRow,
    ConfusionRow,
    CountRow,
    DifferenceRow,
    MetricRow,
    NonInferiorityRow,
    PartialPoolingRow,
    RankRow,
    ResolutionRow,
    SampleSizeRow,
    ThresholdRow,
    WarningRow,
)
from cxrcompare.comparison.row_types.reader_rows import (
    AgreementRow,
    ReaderNetBenefitRow,
    ReaderPanelRow,
    ReaderRow,
)
from cxrcompare.comparison.row_types.site_row_types import (
    SiteDifferenceRow,
    SiteMetricRow,
    SitePooledRow,
)

ALWAYS: dict[str, type[NamedTuple]] = {
    "metrics": MetricRow,
    "differences": DifferenceRow,
    "ranks": RankRow,
    "readers": ReaderRow,
    "agreement": AgreementRow,
    "counts": CountRow,
    "resolution": ResolutionRow,
    "sample_size": SampleSizeRow,
    "thresholds": ThresholdRow,
    "confusion": ConfusionRow,
    "warnings": WarningRow,
}
"""The tables that every comparison writes."""

OPTIONAL: dict[str, type[NamedTuple]] = {
    "non_inferiority": NonInferiorityRow,
    "against_trivial": AgainstBaselineRow,
    "added_to_metadata": AddedToMetadataRow,
    "net_benefit": NetBenefitRow,
    "net_benefit_differences": NetBenefitDifferenceRow,
    "analytic": AnalyticRow,
    "subgroup_gaps": SubgroupGapRow,
    "model_agreement": ModelAgreementRow,
    "joint_errors": JointErrorRow,
    "disagreements": DisagreementRow,
    "gap_differences": GapDifferenceRow,
    "reference_agreement": ReferenceAgreementRow,
    "reference_models": ReferenceModelRow,
    "reference_pairs": ReferencePairRow,
    "reference_order": ReferenceOrderRow,
    "label_correction": LabelCorrectionRow,
    "label_correction_pairs": LabelCorrectionPairRow,
    "reader_panel": ReaderPanelRow,
    "reader_net_benefit": ReaderNetBenefitRow,
    "partial_pooling": PartialPoolingRow,
    "site_metrics": SiteMetricRow,
    "site_differences": SiteDifferenceRow,
    "site_pooled": SitePooledRow,
    **LOCALISATION,
    "at_prevalence": AtPrevalenceRow,
    "cost_differences": CostDifferenceRow,
    "net_benefit_opponents": TreatmentRow,
    "calibration_errors": CalibrationRow,
    "calibration_differences": CalibrationDifferenceRow,
    "recalibrated": RecalibratedRow,
    "recalibrated_differences": RecalibratedDifferenceRow,
    "recalibrated_curves": RecalibratedCurveRow,
    "operating_points": OperatingPointRow,
    "views_calibration": ViewsCalibrationRow,
}
"""The tables that a comparison writes if they have rows."""

ROWS: dict[str, type[NamedTuple]] = ALWAYS | OPTIONAL
"""The row type of each table; the name is that of the CSV file and of `comparison.json`."""
