"""How an occupation is claimed, told by the grades of evidence that claims of skills have."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from app.domain.enums import EvidenceGrade, Tenure

EVIDENCE_OF: Mapping[Tenure, EvidenceGrade | None] = MappingProxyType(
    {
        Tenure.TAUGHT: EvidenceGrade.TAUGHT,
        # The weakest grade stands for it: that they still can do the work is only said.
        Tenure.LEFT: EvidenceGrade.SELF_STATED,
        Tenure.NAMED: None,
        Tenure.WORKED: EvidenceGrade.PROVEN_AT_WORK,
    }
)
"""The grade that a claim of an occupation is written down with."""

TENURE_OF: Mapping[EvidenceGrade | None, Tenure] = MappingProxyType(
    {evidence: tenure for tenure, evidence in EVIDENCE_OF.items()}
)
"""What a grade says where it is that of an occupation."""
