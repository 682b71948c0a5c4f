"""The documents of a charge, and of a court case: every page is in both, see `room`."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import flash, redirect, render_template, request
from flask.blueprints import BlueprintSetupState
from flask_babel import gettext as _

from sistra.codebook.dictionary import Field, record
from sistra.rules.file_kinds import KINDS
from sistra.services import attachments
from sistra.services.attachments import Document
from sistra.services.file_store import Damaged
from sistra.services.unit import unit_of_work
from sistra.web.acts import accept, carried_out, entry_of, once
from sistra.web.attachments.forms import OpenForm
from sistra.web.attachments.room import CaseRoom, ChargeRoom, Room, bp, page
from sistra.web.attachments.uploads import InMemoryRequest, allow_upload, upload_of
from sistra.web.downloads import sent
from sistra.web.folders import lines
from sistra.web.guards import viewer
from sistra.web.pages import language
from sistra.web.ui.forms import DictionaryForm, dictionary_form

_SHOWN = ["kind", "dated", "number", "issuer", "source_reference", "contains_identity", "confidentiality", "pages", "sha256"]
REASON: tuple[Field, ...] = (
    replace(
        record("event").fields["reason"],
        need="R",
        help_es="Queda en la bitácora. Sin nombres de personas",
        help_en="Kept on the trail. Without names of persons",
    ),
)


@bp.record_once
def _keep_in_memory(state: BlueprintSetupState) -> None:
    state.app.request_class = InMemoryRequest  # type: ignore[attr-defined]


@bp.url_value_preprocessor
def _allow(endpoint: str | None, values: dict[str, Any] | None) -> None:
    if endpoint in {f"attachments.{kind.endpoint('add')}" for kind in (ChargeRoom, CaseRoom)}:
        allow_upload()


def _rendered(template: str, room: Room, **context: Any) -> str:
    return render_template(f"attachments/{template}", room=room, folder=room.folder, **context)


@page("")
def index(room: Room) -> str:
    return _rendered("index.html", room, documents=attachments.listed(viewer(), room.place))


# -- adding -----------------------------------------------------------------------------------------------------------------


def _fields(room: Room) -> tuple[list[Field], dict[str, Any]]:
    """What the form asks in this folder, and what it offers: people only where there are some."""
    choices = dict(attachments.choices(viewer(), room.place))
    fields = [field for field in attachments.form_fields() if field.type != "refs" or choices[field.name]]
    return fields, {name: offered for name, offered in choices.items() if offered}


def _replaced(room: Room) -> Document | None:
    """The document that the address says is replaced. Raises NotVisible where there is none."""
    key = request.args.get("reemplaza", "")
    return attachments.show(viewer(), room.place, int(key)) if key.isdecimal() and len(key) < 15 else None


def _form(room: Room, former: Document | None) -> tuple[DictionaryForm, list[Field]]:
    fields, choices = _fields(room)
    form = dictionary_form(fields, language=language(), choices=choices)()
    if not request.form and former is not None:
        form.fill({field.name: getattr(former.view, field.name) for field in fields})
    return form, fields


@page("/nuevo", writes=True)
def new(room: Room) -> str:
    former = _replaced(room)
    return _adding(room, _form(room, former)[0], former)


@page("/nuevo", post=True, writes=True)
def add(room: Room) -> Any:
    former = _replaced(room)
    form, fields = _form(room, former)
    return once(form, lambda: _added(room, form, fields, former)) or (_adding(room, form, former), 422)


def _added(room: Room, form: DictionaryForm, fields: list[Field], former: Document | None) -> str | None:
    entry = entry_of(form, fields, "attachment")
    if entry is None:
        return None

    def act(who: Any) -> str:
        key = attachments.add(
            who, room.place, entry, upload_of(request.files.get("file")), replaces=former.view.id if former else None
        )
        return accept(form.once.data, room.url("show", key=key))

    location = carried_out(form, act)
    if location is not None:
        told = _("Se agregó la versión nueva. La anterior se conserva.") if former else _("Se agregó el documento.")
        flash(told, "success")
    return location


def _adding(room: Room, form: DictionaryForm, former: Document | None) -> str:
    return _rendered(
        "new.html",
        room,
        form=form,
        former=former,
        accept=",".join(KINDS),
        file_problems=form.form_errors,
        action=room.url("add", reemplaza=former.view.id if former else None),
    )


# -- reading ----------------------------------------------------------------------------------------------------------------


@page("/<int:key>")
def show(room: Room, key: int) -> str:
    return _shown(room, key, OpenForm(language=language()))


def _shown(room: Room, key: int, form: OpenForm) -> str:
    document = attachments.show(viewer(), room.place, key)
    fields = [record("attachment").fields[name] for name in _SHOWN]
    return _rendered(
        "show.html",
        room,
        document=document,
        form=form,
        rows=[line for line in lines(document.view, fields) if line.state != "blank"],
    )


@page("/<int:key>/archivo")
def download(room: Room, key: int) -> Any:
    if attachments.show(viewer(), room.place, key).guarded:
        return redirect(room.url("show", key=key))
    try:
        opened = attachments.open_file(viewer(), room.place, key)
    except Damaged:
        return _damaged(room, key)
    return sent(opened.pieces, opened.name, opened.media_type, opened.size)


@page("/<int:key>/archivo", post=True, step_up=True)
def open_guarded(room: Room, key: int) -> Any:
    form = OpenForm(language=language())
    if not form.validate_on_submit():
        return _shown(room, key, form), 422
    try:
        opened = carried_out(
            form,
            attachments.open_file,
            room.place,
            key,
            reason_code=form.reason_code.data or "",
            reason_text=form.reason_text.data or "",
        )
    except Damaged:
        return _damaged(room, key)
    if opened is None:
        return _shown(room, key, form), 422
    return sent(opened.pieces, opened.name, opened.media_type, opened.size)


def _damaged(room: Room, key: int) -> Any:
    """The stored bytes are not those that were stored: said, kept on the trail, and nothing handed out."""
    with unit_of_work():
        attachments.report_damage(viewer(), room.place, key)
    form = OpenForm(language=language())
    form.form_errors.append(
        _("El archivo guardado está dañado o falta y no se entrega. Avise a soporte: se recupera del respaldo.")
    )
    return _shown(room, key, form), 500


# -- taking back ------------------------------------------------------------------------------------------------------------


@page("/<int:key>/retirar", writes=True)
def withdrawal(room: Room, key: int) -> str:
    return _withdrawing(room, key, dictionary_form(REASON, language=language())())


def _withdrawing(room: Room, key: int, form: DictionaryForm) -> str:
    document = attachments.show(viewer(), room.place, key)
    consequences = [_("Dejará de figurar entre los documentos. El archivo se conserva cifrado; el retiro queda en el historial.")]
    if document.versions:
        consequences.append(_("Vuelve a estar vigente la versión anterior."))
    return _rendered("withdraw.html", room, form=form, document=document, consequences=consequences)


@page("/<int:key>/retirar", post=True, writes=True)
def withdraw(room: Room, key: int) -> Any:
    form = dictionary_form(REASON, language=language())()

    def withdrawn() -> str | None:
        entry = entry_of(form, REASON, "event")
        return carried_out(form, act, str(entry.values.get("reason") or "")) if entry is not None else None

    def act(who: Any, reason: str) -> str:
        attachments.withdraw(who, room.place, key, reason=reason)
        flash(_("Se retiró el documento."), "success")
        return accept(form.once.data, room.url("index"))

    return once(form, withdrawn) or (_withdrawing(room, key, form), 422)
