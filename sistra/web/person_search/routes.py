"""Names are posted and stand in no address: the answer lies under an opaque key, for its owner, for half an hour."""
from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, render_template, url_for
from flask_babel import gettext as _

from sistra.codebook.dictionary import Field
from sistra.services import person_search
from sistra.web.acts import carried_out, entry_of
from sistra.web.guards import can, viewer
from sistra.web.pages import language
from sistra.web.ui.forms import DictionaryForm, dictionary_form

bp = Blueprint("person_search", __name__)


def _question(name: str, label_es: str, label_en: str, help_es: str, help_en: str, type: str) -> Field:
    return Field(record="identity", name=name, order=0, section="", label_es=label_es, label_en=label_en,
                 help_es=help_es, help_en=help_en, type=type, refers_to="", list_name="", need="O", unknown=frozenset(),
                 sensitivity="identity", fact="", condition=None, note="")


ASKED = (
    _question("names", "Nombres y apellidos, alias o razón social", "Names, alias or legal name",
              "En cualquier orden. También encuentra nombres que suenan igual: Huamán, Guamán, Waman",
              "In any order. Names that sound alike are found too: Huamán, Guamán, Waman", "person_name"),
    _question("document", "Número de documento", "Document number", "DNI, pasaporte, RUC u otro",
              "National id, passport, tax number or other", "document_number"))


def _form() -> DictionaryForm:
    form: DictionaryForm = dictionary_form(ASKED, language=language())()
    return form


@bp.get("/")
@can("person.search")
def index() -> str:
    return _asking(_form())


def _asking(form: DictionaryForm) -> str:
    return render_template("person_search/index.html", heading=_("Buscar personas"), form=form)


@bp.post("/")
@can("person.search")
def search() -> Any:
    form = _form()
    entry = entry_of(form, ASKED, "identity")
    if entry is not None:
        said = {name: str(value or "") for name, value in entry.values.items()}
        if (key := carried_out(form, person_search.search, **said)) is not None:
            return redirect(url_for("person_search.results", key=key))
    return _asking(form), 422


@bp.get("/<key>")
@can("person.search")
def results(key: str) -> str:
    return render_template("person_search/results.html", heading=_("Resultado de la búsqueda"),
                           results=person_search.results(viewer(), key))
