"""The blueprint that the pages of this room hang on, and what tells victims from accused."""
from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask import Blueprint, flash, make_response, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from sistra.access.viewer import Viewer
from sistra.access.views import AccusedView, VictimView
from sistra.codebook.dictionary import Condition, Field, record
from sistra.rules.person_checks import HUMAN_ANSWERS, HUMAN_NAMES
from sistra.rules.problems import said
from sistra.services import charges, parts, people
from sistra.web.folders import charge_folder
from sistra.web.guards import viewer

bp = Blueprint("people", __name__)


@dataclass(frozen=True, slots=True)
class Kind:
    """Victims or accused: their record, the letter of their codes, addresses, endpoints, words and verbs.

    `read` is the capability that opens their pages. `sections` are the edit pages: name -> (record, section of the
    dictionary) pairs. `first` are the groups of fields of the page that adds one: (heading, names), each a field of the
    identity or of the record.
    """

    record: str
    letter: str
    path: str
    path_of_new: str
    index: str
    show: str
    read: str
    add: str
    edit: str
    withdraw: str
    heading: str
    new: str
    another: str
    sections: Mapping[str, Sequence[tuple[str, str]]]
    first: Sequence[tuple[str, Sequence[str]]]
    columns: Sequence[str]
    listed: Callable[[Viewer, str], Sequence[VictimView | AccusedView]]
    create: Callable[..., str]
    amend: Callable[..., parts.Saved]

    def address(self, number: str, code: str) -> str:
        return url_for(self.show, number=number, code=code)


_NAMES = ("surname_paternal", "surname_maternal", "given_names", "aliases", "id_document_type", "id_document_number",
          "id_document_country", "birth_date")

VICTIMS = Kind(
    record="victim", letter="A", path="agraviadas", path_of_new="nueva", index="people.victims", show="people.victim",
    read="victims.read",
    add="people.add_victim", edit="people.edit_victim", withdraw="people.withdraw_victim", heading=said("Personas agraviadas"),
    new=said("Agregar persona agraviada"), another=said("Agregar otra persona agraviada"),
    sections={"identidad": (("identity", "identidad"), ("victim", "identidad")), "perfil": (("victim", "perfil"),),
              "situacion": (("victim", "situacion"),), "contacto": (("identity", "contacto"),),
              "otros_datos": (("victim", "otros_datos"),), "asistencia": (("victim", "asistencia"),)},
    first=((said("Identidad (reservada)"), (*_NAMES, "age_at_facts", "age_basis", "age_group")),
           (said("Perfil"), ("sex", "gender_identity", "citizenships", "primary_language", "ethnicity", "disabilities",
                             "education", "occupation")),
           (said("Situación"), ("relation_to_accused", "main_purpose", "condition", "condition_on", "single_interview",
                                "single_interview_on"))),
    columns=("sex", "age_at_facts", "citizenships", "main_purpose", "condition", "status"),
    listed=people.victims, create=people.add_victim, amend=people.amend_victim)

ACCUSED = Kind(
    record="accused", letter="I", path="imputados", path_of_new="nuevo", index="people.accused", show="people.accused_person",
    read="accused.read",
    add="people.add_accused", edit="people.edit_accused", withdraw="people.withdraw_accused", heading=said("Imputados"),
    new=said("Agregar imputado"), another=said("Agregar otro imputado"),
    sections={"identidad": (("accused", "identidad"), ("identity", "identidad")), "perfil": (("accused", "perfil"),),
              "rol": (("accused", "rol"),), "contacto": (("identity", "contacto"),)},
    first=((said("Identidad (reservada)"),
            ("identified", "description", "kind", "legal_name", *_NAMES, "age_at_facts")),
           (said("Perfil"), ("sex", "citizenships", "occupation", "public_official", "public_institution")),
           (said("Rol y situación"), ("roles", "status", "legal_person", "criminal_record"))),
    columns=("identified", "kind", "sex", "age_at_facts", "citizenships", "roles", "status"),
    listed=people.accused, create=people.add_accused, amend=people.amend_accused)

KINDS = {"A": VICTIMS, "I": ACCUSED}

_FOR_EXPORT_ONLY = frozenset({"salutation", "position_title", "data_agreement", "latitude", "longitude", "postal_code",
                              "address_latitude", "address_longitude", "address_postal_code"})
"""Kept for the exchange standard and given by imports: no page asks for them."""


def fields_of(record_name: str, *sections: str) -> list[Field]:
    """The fields that pages ask of a record, of the named sections or of all."""
    return [field for field in parts.entered_fields(record_name, *sections) if field.name not in _FOR_EXPORT_ONLY]


IDENTITY_NAMES = frozenset(field.name for field in record("identity").fields.values() if field.encrypted)
HUMAN = frozenset({*HUMAN_NAMES, *HUMAN_ANSWERS})
"""What is not asked of a legal entity."""


def asked_of(kind: Kind, fields: Iterable[Field]) -> list[Field]:
    """The fields as a page asks them: aliases one per line; of an accused, an identity only where there is one."""
    fields = [replace(field, type="longtext") if field.name == "aliases" else field for field in fields]
    if kind.record != "accused":
        return [field for field in fields if field.name != "legal_name"]
    return [replace(field, record="accused", condition=_condition_of(field)) if field.condition in (None, _IDENTIFIED) else field
            for field in fields]


_IDENTIFIED = Condition.parse("identified=1")


def _condition_of(field: Field) -> Condition | None:
    """When an answer of an accused is asked. Only who is identified is asked for a kind, and so for what hangs on it."""
    if field.name == "legal_name":
        return Condition.parse("kind=JUR")
    if field.name == "aliases":
        return Condition.parse("kind!=JUR")
    if field.name in HUMAN:
        return Condition.parse("kind=NAT")
    return _IDENTIFIED if field.name in IDENTITY_NAMES else field.condition


def named_fields(kind: Kind, names: Sequence[str]) -> list[Field]:
    """The fields of a kind's record, or of the identity, by name."""
    own, identity = record(kind.record).fields, record("identity").fields
    return asked_of(kind, [own[name] if name in own else identity[name] for name in names])


def page(template: str, number: str, kind: Kind, *, found: charges.Folder | None = None, status: int | None = None,
         **context: Any) -> Response:
    """A page inside the charge's folder. With a form that was refused the answer is 422."""
    found = found or charges.folder(viewer(), number)
    form = context.get("form")
    code = status or (422 if form is not None and form.errors else 200)
    return make_response(render_template(
        template, folder=charge_folder(found, kind.index), found=found, number=number, kind=kind, **context), code)


def tell(saved: parts.Saved) -> None:
    """Says what was saved, and what another answer cleared."""
    changed = [label for label in saved.changed if label not in saved.cleared]
    if saved.changed:
        flash(_("Guardado: %(fields)s.", fields=", ".join(changed or saved.changed)), "success")
    else:
        flash(_("No había cambios que guardar."), "success")
    if saved.cleared:
        flash(_("Se borraron, porque ya no corresponden: %(fields)s.", fields=", ".join(saved.cleared)), "warning")
