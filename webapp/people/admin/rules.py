"""The rules of signing in that administrators set: which roles must have a second factor, and which roles groups of a provider give."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from domain.people.roles import Permission, Role
from storage.people.factors import guard_roles, guarded_roles, without_factor
from storage.people.identities import GroupRoles
from storage.people.people import People
from webapp.ground.access import audit, requires
from webapp.ground.system import reading, settings, writing
from webapp.people.admin.lists import address_after
from webapp.people.words import ROLES

bp = Blueprint("sign_in_rules", __name__, url_prefix="/admin/sign-in-rules")


@bp.get("")
@requires(Permission.MANAGE_PEOPLE)
def rules() -> str:
    """Which roles must have a second factor, and who of them has none yet."""
    with reading() as session:
        guarded = guarded_roles(session)
        return render_template(
            "people/admin/sign_in_rules.html",
            roles=ROLES,
            guarded=guarded,
            groups_claim=settings().oidc_groups_claim,
            group_roles=GroupRoles(session).all(),
            without=People(session).page(*without_factor(guarded), after=request.args.get("after", "")),
            address=address_after,
        )


@bp.post("")
@requires(Permission.MANAGE_PEOPLE)
def change() -> Response:
    """Set which roles must have one; roles that there are not are left out."""
    wanted = frozenset(Role(name) for name in request.form.getlist("roles") if name in set(Role))
    with writing() as session:
        before = guarded_roles(session)
        guard_roles(session, wanted)
        if wanted != before:
            audit(session, "guarded_roles_changed", facts={"roles": sorted(wanted), "before": {"roles": sorted(before)}})
    flash(_("Đã lưu. Người chưa có bước thứ hai sẽ được hướng dẫn cài đặt ở lần đăng nhập tới."), "success")
    return redirect(url_for("sign_in_rules.rules"), 303)


@bp.post("/groups")
@requires(Permission.MANAGE_PEOPLE)
def add_group() -> Response:
    """Have a group of the identity provider give a role, from the next sign-in on."""
    group, role = request.form.get("group", "").strip()[:200], request.form.get("role", "")
    if group and role in set(Role):
        with writing() as session:
            if GroupRoles(session).add(group, Role(role)):
                audit(session, "group_role_added", subject=("group", group), facts={"roles": [role]})
        flash(_("Đã thêm. Có hiệu lực từ lần đăng nhập tới của mỗi người."), "success")
    else:
        flash(_("Chưa thêm: hãy ghi tên nhóm và chọn vai trò."), "bad")
    return redirect(url_for("sign_in_rules.rules"), 303)


@bp.post("/groups/<int:line_id>/remove")
@requires(Permission.MANAGE_PEOPLE)
def remove_group(line_id: int) -> Response:
    """Have a group give a role no longer; whoever got it by the group loses it at the next sign-in by the provider."""
    with writing() as session:
        line = GroupRoles(session).remove(line_id)
        audit(session, "group_role_removed", subject=("group", line.group_name), facts={"roles": [line.role.value]})
    flash(_("Đã bỏ. Ai có vai trò này nhờ nhóm sẽ mất nó ở lần đăng nhập tới."), "success")
    return redirect(url_for("sign_in_rules.rules"), 303)
