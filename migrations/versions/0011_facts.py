"""Facts: one de-identified table per unit."""
from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from sistra.db import Codes, Instant, Json, Key

revision = "0011"
down_revision = "0010"

_OPEN = sa.text("valid_to IS NULL")
_TYPES: dict[str, Any] = {
    "code": sa.String(20),
    "codes": Codes,
    "text": sa.String(60),
    "yes_no": sa.String(3),
    "period": sa.String(7),
    "number": sa.Integer,
    "amount": sa.Numeric(14, 2),
    "term": sa.Numeric(9, 2),
    "day": sa.Date,
    "key": Key,
}

_COLUMNS: dict[str, dict[str, str]] = {
    "charge": {
        "code": (
            "notice_source reported_offence notice_place immediate_risk status stage fiscal_district completeness "
            "incoming_referral_reason complainant_kind contact_channel recruitment_place exploitation_place "
            "economic_activity border_post economic_benefit_amount procedure_code regime confidentiality "
            "closing_reason origin form reached"
        ),
        "codes": (
            "purpose_known strategic_flags acts means recruitment_methods recruitment_platforms "
            "exploitation_place_types border_countries border_regions"
        ),
        "text": "number",
        "yes_no": (
            "core_at_registration duplicate_of border_crossed economic_benefit organised_group joined_into "
            "restricted_after_archive reported_core counted convicted"
        ),
        "period": "received_on incoming_referral_on operation_on facts_from facts_to closed_on",
        "number": (
            "victims_declared minors_declared accused_declared persons_rescued counts victims minors accused "
            "days_to_prosecution days_to_accusation days_to_judgment days_to_final"
        ),
        "key": "office_id reporting_agency_id charge_id",
    },
    "victim": {
        "code": (
            "age_observatory age_legal age_inei age_unodc minor age_basis age_group sex gender_identity "
            "primary_language ethnicity education occupation relation_to_accused main_purpose condition status "
            "status_authority single_interview risk_level marital_status number_of_children residence_before "
            "assistance_status origin fiscal_district reported_offence notice_place confidentiality form "
            "origin_country origin_department destination_country destination_department"
        ),
        "codes": (
            "citizenships control_methods vulnerability_factors risk_kinds other_languages purposes "
            "recruitment_methods recruitment_channels exploitation_departments place_types relations "
            "transit_departments"
        ),
        "text": "code",
        "yes_no": (
            "identified stateless disabilities education_completed civil_party pregnant_at_facts interpreter_needed "
            "previous_victim interview_consent reported_core counted cross_border"
        ),
        "period": "condition_on status_on single_interview_on received_on",
        "key": "charge_id person_id office_id",
    },
    "accused": {
        "code": (
            "kind sex age_observatory age_legal age_inei age_unodc minor age_group occupation education status origin "
            "fiscal_district reported_offence notice_place confidentiality"
        ),
        "codes": "citizenships roles criminal_record",
        "text": "code",
        "yes_no": "identified public_official custody public_defender reported_core counted",
        "period": "first_contact_on received_on",
        "key": "charge_id person_id office_id",
    },
    "count": {
        "code": (
            "offence participation degree concurrence first_offence state stage outcome origin fiscal_district "
            "reported_offence notice_place confidentiality kind sex age_observatory age_legal age_inei age_unodc minor "
            "age_group form reached"
        ),
        "codes": "aggravating acts means purposes citizenships roles",
        "yes_no": "main identified public_official reported_core counted core retypified",
        "period": "facts_from facts_to prosecuted_on accusation_on first_instance_on final_on received_on",
        "number": (
            "victims minors days_to_prosecution days_to_accusation days_to_judgment days_to_final "
            "days_prosecution_to_accusation days_accusation_to_judgment days_judgment_to_final"
        ),
        "amount": "reparation_requested",
        "term": "penalty_requested",
        "key": "charge_id accused_id office_id person_id",
    },
    "event": {
        "code": (
            "event_type court_instance party result appeal_outcome hearing_type hearing_mode expert_report_kind "
            "risk_level place offence closing_reason stage_before stage_after outcome origin fiscal_district "
            "reported_offence notice_place confidentiality"
        ),
        "codes": "counts accused victims evidence_kinds",
        "yes_no": "reversed_by reported_core counted",
        "period": "received_on occurred_month",
        "number": "term_days",
        "amount": "amount",
        "day": "occurred_on scheduled_for term_until",
        "key": (
            "charge_id court_case_id authority_id measure_id judgment_id remedy_id reparation_id target_office_id "
            "target_charge_id target_court_case_id reversed_event_id service_id referral_id office_id"
        ),
    },
    "ruling": {
        "code": (
            "verdict convicted_offence convicted_degree convicted_participation acquittal_reason remedy_outcome origin "
            "fiscal_district reported_offence notice_place confidentiality kind sex age_observatory age_legal age_inei "
            "age_unodc minor age_group offence first_offence degree participation decision_kind instance "
            "court_instance finality form imprisonment_band"
        ),
        "codes": "citizenships roles purposes sentence_types",
        "yes_no": "identified public_official expulsion reported_core counted core retypified",
        "period": "received_on decided_on final_on",
        "number": "fine_days",
        "amount": "fine_amount",
        "term": "imprisonment",
        "key": "judgment_id count_id office_id person_id accused_id court_case_id charge_id",
    },
    "measure": {
        "code": (
            "kind coercive_measure protection_measure state amount origin fiscal_district reported_offence "
            "notice_place confidentiality sex age_observatory age_legal age_inei age_unodc minor age_group"
        ),
        "yes_no": "breached reported_core counted",
        "period": "requested_on ordered_on received_on",
        "number": "term_months term_days",
        "day": "starts_on ends_on ended_on",
        "key": "charge_id accused_id victim_id court_case_id agency_id extends_id office_id",
    },
    "service": {
        "code": (
            "service_type status referral_reason decline_reason cost origin fiscal_district reported_offence notice_place "
            "confidentiality sex age_observatory age_legal age_inei age_unodc minor age_group"
        ),
        "yes_no": "reported_core counted",
        "period": "referred_on starts_on planned_end_on ended_on received_on",
        "key": "victim_id provider_id office_id charge_id",
    },
}
"""Unit -> type -> the columns of that type."""


def upgrade() -> None:
    for unit, columns in _COLUMNS.items():
        coded: list[sa.Column[Any]] = [sa.Column(name, _TYPES[kind]) for kind, names in columns.items() for name in names.split()]
        op.create_table(
            f"fact_{unit}",
            sa.Column("id", Key, primary_key=True),
            sa.Column("record_id", Key, nullable=False),
            sa.Column("valid_from", Instant, nullable=False),
            sa.Column("valid_to", Instant),
            *coded,
            sa.Column("unknowns", Json),
            sa.Index(f"uq_fact_{unit}_open", "record_id", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN),
            sa.Index(None, "charge_id"),
            sa.Index(None, "received_on", "fiscal_district"),
        )


def downgrade() -> None:
    for unit in reversed(_COLUMNS):
        op.drop_table(f"fact_{unit}")
