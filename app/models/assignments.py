"""Who of the staff looks after a vacancy."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base


class VacancyAssignment(Base):
    """The account that has a vacancy; a vacancy without a row is nobody's. The audit log has the past."""

    __tablename__ = "vacancy_assignment"

    vacancy_id: Mapped[UUID] = mapped_column(ForeignKey("vacancy.id"), primary_key=True)
    partnership_id: Mapped[UUID] = mapped_column(ForeignKey("partnership.id"))
    account_id: Mapped[UUID] = mapped_column(ForeignKey("staff_account.id"), index=True)
    assigned_at: Mapped[datetime]
