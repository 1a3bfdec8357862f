"""Problem documents, for the description of the interface."""

from __future__ import annotations

from pydantic import BaseModel, Field


class ProblemIssue(BaseModel):
    """One fault in one place of the request: of its body (`pointer`) or of a parameter."""

    code: str = Field(description="Stable name of the rule that was broken.")
    detail: str
    pointer: str | None = Field(None, description='RFC 6901 pointer into the body; "" is the whole.')
    parameter: str | None = Field(None, description="Name of the query, path or header parameter.")
    hint: str | None = Field(None, description="How to mend it.")
    row: int | None = Field(None, description="Line of a JSON lines body, from 1.")
    column: str | None = None


class Problem(BaseModel):
    """An error (RFC 9457)."""

    type: str = Field(description="Address that describes this kind of problem.")
    title: str
    status: int
    detail: str = Field(description="What is wrong with this request, and what to do next.")
    instance: str = Field(description="Path of the request.")
    request_id: str | None = Field(None, description="Give it to the operator; it is in the log.")
    errors: list[ProblemIssue] | None = None


class ProblemKind(BaseModel):
    """What a kind of problem means."""

    type: str
    code: str
    title: str
    status: int
    description: str
