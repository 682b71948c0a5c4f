"""The documents of a charge."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.blueprints import BlueprintSetupState
from flask_babel import gettext as _

from sistra.codebook.dictionary import Field, record
from sistra.rules.file_kinds import KINDS
from sistra.services import attachments, charges
from sistra.services.attachments import Document
from sistra.services.file_store import Damaged
from sistra.services.unit import unit_of_work
from sistra.web.acts import accept, carried_out, entry_of, once
from sistra.web.attachments.forms import OpenForm
from sistra.web.attachments.uploads import InMemoryRequest, allow_upload, upload_of
from sistra.web.downloads import sent
from sistra.web.folders import charge_folder, lines
from sistra.web.guards import can, standing, viewer
from sistra.web.pages import language
from sistra.web.ui.forms import DictionaryForm, dictionary_form

bp = Blueprint("attachments", __name__)
INDEX = "attachments.index"
_SHOWN = ["kind", "dated", "number", "issuer", "source_reference", "contains_identity", "confidentiality", "pages", "sha256"]


@bp.record_once
def _keep_in_memory(state: BlueprintSetupState) -> None:
    state.app.request_class = InMemoryRequest  # type: ignore[attr-defined]


@bp.url_value_preprocessor
def _allow(endpoint: str | None, values: dict[str, Any] | None) -> None:
    if endpoint == "attachments.add":
        allow_upload()


@bp.get("/<number>/documentos")
@can("attachment.read")
def index(number: str) -> str:
    found = charges.folder(viewer(), number)
    return render_template(
        "attachments/index.html",
        folder=charge_folder(found, INDEX),
        found=found,
        number=number,
        documents=attachments.listed(viewer(), number),
    )


# -- adding -----------------------------------------------------------------------------------------------------------------


def _fields(number: str) -> tuple[list[Field], dict[str, Any]]:
    """What the form asks in this charge, and what it offers: people only where there are some."""
    choices = dict(attachments.choices(viewer(), number))
    fields = [field for field in attachments.form_fields() if field.type != "refs" or choices[field.name]]
    return fields, {name: offered for name, offered in choices.items() if offered}


def _replaced(number: str) -> Document | None:
    """The document that the address says is replaced. Raises NotVisible where there is none."""
    key = request.args.get("reemplaza", "")
    return attachments.show(viewer(), number, int(key)) if key.isdecimal() and len(key) < 15 else None


def _form(number: str, former: Document | None) -> tuple[DictionaryForm, list[Field]]:
    fields, choices = _fields(number)
    form = dictionary_form(fields, language=language(), choices=choices)()
    if not request.form and former is not None:
        form.fill({field.name: getattr(former.view, field.name) for field in fields})
    return form, fields


@bp.get("/<number>/documentos/nuevo")
@can("attachment.add")
def new(number: str) -> str:
    former = _replaced(number)
    return _adding(number, _form(number, former)[0], former)


@bp.post("/<number>/documentos/nuevo")
@can("attachment.add")
def add(number: str) -> Any:
    former = _replaced(number)
    form, fields = _form(number, former)
    return once(form, lambda: _added(number, form, fields, former)) or (_adding(number, form, former), 422)


def _added(number: str, form: DictionaryForm, fields: list[Field], former: Document | None) -> str | None:
    entry = entry_of(form, fields, "attachment")
    if entry is None:
        return None

    def act(who: Any) -> int:
        key = attachments.add(
            who, number, entry, upload_of(request.files.get("file")), replaces=former.view.id if former else None
        )
        accept(form.once.data, url_for("attachments.show", number=number, key=key))
        return key

    key = carried_out(form, act)
    if key is None:
        return None
    flash(
        _("Se agregó el documento.") if former is None else _("Se agregó la versión nueva. La anterior se conserva."), "success"
    )
    return url_for("attachments.show", number=number, key=key)


def _adding(number: str, form: DictionaryForm, former: Document | None) -> str:
    found = charges.folder(viewer(), number)
    return render_template(
        "attachments/new.html",
        folder=charge_folder(found, INDEX),
        form=form,
        number=number,
        former=former,
        accept=",".join(KINDS),
        file_problems=form.form_errors,
        action=url_for("attachments.add", number=number, reemplaza=former.view.id if former else None),
    )


# -- reading ----------------------------------------------------------------------------------------------------------------


@bp.get("/<number>/documentos/<int:key>")
@can("attachment.read")
def show(number: str, key: int) -> str:
    return _page(number, key, OpenForm(language=language()))


def _page(number: str, key: int, form: OpenForm) -> str:
    document = attachments.show(viewer(), number, key)
    found = charges.folder(viewer(), number)
    fields = [record("attachment").fields[name] for name in _SHOWN]
    return render_template(
        "attachments/show.html",
        folder=charge_folder(found, INDEX),
        found=found,
        number=number,
        document=document,
        form=form,
        rows=[line for line in lines(document.view, fields) if line.state != "blank"],
        standing=standing(),
    )


@bp.get("/<number>/documentos/<int:key>/archivo")
@can("attachment.read")
def download(number: str, key: int) -> Any:
    if attachments.show(viewer(), number, key).guarded:
        return redirect(url_for("attachments.show", number=number, key=key))
    try:
        opened = attachments.open_file(viewer(), number, key)
    except Damaged:
        return _damaged(number, key)
    return sent(opened.pieces, opened.name, opened.media_type, opened.size)


@bp.post("/<number>/documentos/<int:key>/archivo")
@can("attachment.read", step_up=True)
def open_guarded(number: str, key: int) -> Any:
    form = OpenForm(language=language())
    if not form.validate_on_submit():
        return _page(number, key, form), 422
    try:
        opened = carried_out(
            form,
            attachments.open_file,
            number,
            key,
            reason_code=form.reason_code.data or "",
            reason_text=form.reason_text.data or "",
        )
    except Damaged:
        return _damaged(number, key)
    if opened is None:
        return _page(number, key, form), 422
    return sent(opened.pieces, opened.name, opened.media_type, opened.size)


def _damaged(number: str, key: int) -> Any:
    """The stored bytes are not those that were stored: said, kept on the trail, and nothing handed out."""
    with unit_of_work():
        attachments.report_damage(viewer(), number, key)
    form = OpenForm(language=language())
    form.form_errors.append(
        _("El archivo guardado está dañado o falta y no se entrega. Avise a soporte: se recupera del respaldo.")
    )
    return _page(number, key, form), 500
