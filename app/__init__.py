"""TalentBridge: explained, exact matching of trainees to vacancies."""

__version__ = "0.1.0"
