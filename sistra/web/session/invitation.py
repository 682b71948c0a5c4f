"""The link by which a person sets password and second factor, for the first time or again."""
from __future__ import annotations

import hashlib

import segno
from flask import g, make_response, render_template, request, session
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from sistra.rules.problems import Rejected
from sistra.services import signin
from sistra.services.signin import Refused
from sistra.web.guards import public
from sistra.web.session import cookies
from sistra.web.session.entering import answer
from sistra.web.session.forms import EnrolForm
from sistra.web.session.room import bp

SECRET = "enrolling"
"""Where the cookie of forms keeps the secret offered, beside a mark of its link."""


@bp.route("/invitacion/<token>", methods=["GET", "POST"])
@public
def invitation(token: str) -> Response:
    username = signin.invited(token, at=g.at)
    if username is None:
        return _gone()
    form, secret = EnrolForm(), _secret(token)
    if form.validate_on_submit():
        try:
            codes = signin.accept_invitation(token, form.password.data, form.repeated.data, secret, form.code.data,
                                             at=g.at, address=request.remote_addr)
            cookies.start_afresh()
            page = render_template("session/recovery_codes.html", heading=_("Guarde sus códigos de recuperación"),
                                   username=username, codes=codes)
            return make_response(page)
        except Refused:
            return _gone()
        except Rejected as refused:
            form.land(refused.problems)
    return answer("session/invitation.html", form, heading=_("Cree su contraseña"), username=username,
                  secret=_grouped(secret),
                  picture=segno.make(signin.provisioning_uri(secret, username), error="m").svg_data_uri(scale=5,
                                                                                                        border=4))


def _secret(token: str) -> str:
    """The secret offered to this browser for this link. Another browser that opens the link is offered another one."""
    mark = hashlib.sha256(token.encode()).hexdigest()[:16]
    kept = session.get(SECRET)
    if not isinstance(kept, list) or len(kept) != 2 or kept[0] != mark:
        kept = session[SECRET] = [mark, signin.new_secret()]
    return str(kept[1])


def _grouped(secret: str) -> str:
    return " ".join(secret[start:start + 4] for start in range(0, len(secret), 4))


def _gone() -> Response:
    """One answer for a link that never was, was used, or is past."""
    return make_response(render_template("session/link_gone.html", heading=_("Este enlace ya no sirve")), 404)
