"""SQLAlchemy tables, one module per aggregate; importing this package registers them all."""

from app.models.accounts import SignInAttempt, StaffAccount, StaffSession
from app.models.aliases import AliasVersion, ConceptAlias, QueuedPhrase
from app.models.assignments import VacancyAssignment
from app.models.audit import AuditEvent
from app.models.base import Base
from app.models.candidates import (
    CandidateIdentity,
    CandidateLanguage,
    CandidateOccupation,
    CandidateProfile,
    PreparedCandidate,
    SkillClaim,
)
from app.models.cohorts import Cohort, CohortIssue
from app.models.idempotency import IdempotencyKey, IdempotencyState
from app.models.jobs import Job
from app.models.match_runs import Match, MatchApart, MatchContribution, MatchRun, RankedVacancy
from app.models.organisations import ApiKey, Organisation, OrganisationKind, Partnership
from app.models.programmes import ProgrammeSkillClaim, TrainingProgramme
from app.models.requirement_decisions import SettledRequirement
from app.models.review_work import FirstRating, IdentityLook, ReviewClaim, ReviewOpinion
from app.models.reviews import Review
from app.models.skills_needs import SkillsNeed, SkillsNeedRequirement
from app.models.taxonomy import (
    ConceptDescription,
    ConceptLabel,
    ConceptRelation,
    TaxonomyConcept,
    TaxonomyLanguage,
    TaxonomyLatentSpace,
    TaxonomyRelease,
)
from app.models.uploads import CohortUpload, CohortUploadContent, RememberedColumn
from app.models.vacancies import SkillRequirement, Vacancy, VacancyLanguage
from app.models.weights import StoredWeights

__all__ = [
    "AliasVersion",
    "ApiKey",
    "AuditEvent",
    "Base",
    "CandidateIdentity",
    "CandidateLanguage",
    "CandidateOccupation",
    "CandidateProfile",
    "Cohort",
    "CohortIssue",
    "CohortUpload",
    "CohortUploadContent",
    "ConceptAlias",
    "ConceptDescription",
    "ConceptLabel",
    "ConceptRelation",
    "FirstRating",
    "IdempotencyKey",
    "IdempotencyState",
    "IdentityLook",
    "Job",
    "Match",
    "MatchApart",
    "MatchContribution",
    "MatchRun",
    "Organisation",
    "OrganisationKind",
    "Partnership",
    "PreparedCandidate",
    "ProgrammeSkillClaim",
    "QueuedPhrase",
    "RankedVacancy",
    "RememberedColumn",
    "Review",
    "ReviewClaim",
    "ReviewOpinion",
    "SettledRequirement",
    "SignInAttempt",
    "SkillClaim",
    "SkillRequirement",
    "SkillsNeed",
    "SkillsNeedRequirement",
    "StaffAccount",
    "StaffSession",
    "StoredWeights",
    "TaxonomyConcept",
    "TaxonomyLanguage",
    "TaxonomyLatentSpace",
    "TaxonomyRelease",
    "TrainingProgramme",
    "Vacancy",
    "VacancyAssignment",
    "VacancyLanguage",
]
