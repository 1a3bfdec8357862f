"""Accounts of staff, for administrators: create, role, disable, one-time password, sign out."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import Response

from app.api.problems import status_of
from app.domain.accounts import ONE_TIME_LIFE, Locale
from app.domain.actor import Role
from app.domain.permissions import Operation
from app.errors import Conflict, InvalidInput
from app.services.accounts import (
    OneTimePassword,
    change_role,
    create_account,
    disable_account,
    enable_account,
    get_account,
    list_accounts,
    reset_password,
    sign_account_out,
)
from app.web.deps import NowDep, SessionDep, ViewerDep, allow
from app.web.options import PREFIX
from app.web.paging import around
from app.web.rendering import Notice, redirect, render
from app.web.viewer import Viewer
from app.web.views.people import SecretView, UserForm, UserPage, UsersView, user_line
from app.web.views.settings import role_choices
from app.web.wording import N_, Words

router = APIRouter(dependencies=[Depends(allow(Operation.ACCOUNT_MANAGE))])

_USERS = f"{PREFIX}/settings/users"
_PROBLEMS = {
    "/email": N_("Write an e-mail address, such as name@example.org."),
    "/display_name": N_("Write a name of 1 to 100 characters."),
    "/role": N_("Choose one of the roles."),
}


@router.get("/settings/users")
def users_page(
    request: Request, session: SessionDep, viewer: ViewerDep, after: UUID | None = None
) -> Response:
    page = list_accounts(session, viewer.actor, after=after, limit=50)
    earlier, later = around(_USERS, {}, after, page.next_after)
    view = UsersView(
        lines=[user_line(account, viewer.account_id) for account in page.items],
        earlier=earlier,
        later=later,
    )
    return render(request, viewer, "settings_users.html", view)


@router.get("/settings/users/new")
def new_user_page(request: Request, viewer: ViewerDep) -> Response:
    view = UserForm("", "", Role.REVIEWER.value, viewer.words.locale, role_choices(viewer.words))
    return render(request, viewer, "settings_user_new.html", view)


@router.post("/settings/users")
def post_user(
    request: Request,
    session: SessionDep,
    viewer: ViewerDep,
    now: NowDep,
    name: Annotated[str, Form()] = "",
    email: Annotated[str, Form()] = "",
    role: Annotated[str, Form()] = "",
    locale: Annotated[str, Form()] = "",
) -> Response:
    """Create an account and show its one-time password, this once."""
    words, status = viewer.words, 422
    problems: list[tuple[str, str]] = []
    if role not in dict(role_choices(words)):
        problem = _PROBLEMS["/role"]
        problems.append(("role", words.gettext(problem)))
    else:
        try:
            account = create_account(
                session,
                viewer.actor,
                email=email,
                display_name=name,
                role=Role(role),
                locale=Locale(locale) if locale in tuple(Locale) else Locale.EN,
                now=now,
            )
            return _secret(request, viewer, reset_password(session, viewer.actor, account.id, now=now))
        except InvalidInput as error:
            fields = {"/display_name": "name"}
            for issue in error.issues:
                text = words.gettext(_PROBLEMS.get(issue.pointer, issue.message))
                problems.append((fields.get(issue.pointer, issue.pointer[1:]), text))
        except Conflict as error:
            # Where the database refused, its transaction is of no use any more.
            session.rollback()
            status = int(status_of(type(error)))
            text = words.gettext("This e-mail address has an account already. Use another one.")
            problems.append(("email", text))
    view = UserForm(name, email, role, locale, role_choices(words), problems)
    return render(request, viewer, "settings_user_new.html", view, status=status)


@router.get("/settings/users/{account_id}")
def one_user_page(request: Request, session: SessionDep, viewer: ViewerDep, account_id: UUID) -> Response:
    line = user_line(get_account(session, viewer.actor, account_id), viewer.account_id)
    return render(request, viewer, "settings_user.html", UserPage(line, role_choices(viewer.words)))


@router.post("/settings/users/{account_id}/role")
def post_role(
    session: SessionDep,
    viewer: ViewerDep,
    now: NowDep,
    account_id: UUID,
    role: Annotated[Role, Form()],
    version: Annotated[int, Form()],
) -> Response:
    change_role(session, viewer.actor, account_id, role, expected_version=version, now=now)
    return _done(viewer.words, account_id, N_("The role is changed. The person has to sign in again."))


@router.post("/settings/users/{account_id}/disable")
def post_disable(
    session: SessionDep, viewer: ViewerDep, now: NowDep, account_id: UUID, version: Annotated[int, Form()]
) -> Response:
    disable_account(session, viewer.actor, account_id, expected_version=version, now=now)
    return _done(viewer.words, account_id, N_("The account is disabled, and its holder is signed out."))


@router.post("/settings/users/{account_id}/enable")
def post_enable(
    session: SessionDep, viewer: ViewerDep, now: NowDep, account_id: UUID, version: Annotated[int, Form()]
) -> Response:
    enable_account(session, viewer.actor, account_id, expected_version=version, now=now)
    return _done(viewer.words, account_id, N_("The account can be used again."))


@router.post("/settings/users/{account_id}/password")
def post_password(
    request: Request, session: SessionDep, viewer: ViewerDep, now: NowDep, account_id: UUID
) -> Response:
    """Give a one-time password and show it, this once."""
    return _secret(request, viewer, reset_password(session, viewer.actor, account_id, now=now))


@router.post("/settings/users/{account_id}/sign-out")
def post_sign_out(session: SessionDep, viewer: ViewerDep, now: NowDep, account_id: UUID) -> Response:
    sign_account_out(session, viewer.actor, account_id, now=now)
    return _done(viewer.words, account_id, N_("The person is signed out everywhere."))


def _done(words: Words, account_id: UUID, text: str) -> Response:
    return redirect(f"{_USERS}/{account_id}", Notice(words.gettext(text)))


def _secret(request: Request, viewer: Viewer, given: OneTimePassword) -> Response:
    say = viewer.words.gettext
    hours = int(ONE_TIME_LIFE.total_seconds() // 3600)
    view = SecretView(
        title=say("One-time password for %(name)s") % {"name": given.account.display_name},
        text=say("Give it to the person yourself, not by e-mail. It is shown this once."),
        secret=given.secret,
        after=say(
            "It is good for one sign-in within %(hours)s hours; a password of their own is chosen then."
        )
        % {"hours": hours},
        back=f"{_USERS}/{given.account.id}",
        back_name=say("Back to the account"),
    )
    return render(request, viewer, "settings_secret.html", view)
