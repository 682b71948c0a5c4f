"""What a viewer is handed of each record: generated from the data dictionary by `python -m sistra.access.generate`.

A field holds its value, `Unknown` (asked, not known or not applicable), `Reserved` (exists, not for this viewer) or None (blank).
"""
from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sistra.codebook.terms import Unknown
from sistra.rules.durations import Duration
from sistra.rules.masking import Reserved
from sistra.rules.partial_dates import PartialDate


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What every view has: the key of its row, and which record it shows."""

    id: int
    record: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AgencyView(View):
    """Agency."""

    code: str | Unknown | Reserved | None = None
    name: str | Unknown | Reserved | None = None
    agency_type: str | Unknown | Reserved | None = None
    catalog_code: str | Unknown | Reserved | None = None
    parent: int | Unknown | Reserved | None = None
    may_receive: bool | Unknown | Reserved | None = None
    ceiling_profile: str | Unknown | Reserved | None = None
    phone: str | Unknown | Reserved | None = None
    email: str | Unknown | Reserved | None = None
    country: str | Unknown | Reserved | None = None
    place: str | Unknown | Reserved | None = None
    city_abroad: str | Unknown | Reserved | None = None
    region_abroad: str | Unknown | Reserved | None = None
    street: str | Unknown | Reserved | None = None
    postal_code: str | Unknown | Reserved | None = None
    latitude: Decimal | Unknown | Reserved | None = None
    longitude: Decimal | Unknown | Reserved | None = None
    valid_from: date | Unknown | Reserved | None = None
    valid_to: date | Unknown | Reserved | None = None
    created_at: datetime | Unknown | Reserved | None = None
    created_by: int | Unknown | Reserved | None = None
    updated_at: datetime | Unknown | Reserved | None = None
    updated_by: int | Unknown | Reserved | None = None
    version: int | Unknown | Reserved | None = None
    origin: str | Unknown | Reserved | None = None
    import_run: str | Unknown | Reserved | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficeView(View):
    """Office."""

    code: str | Unknown | Reserved | None = None
    name: str | Unknown | Reserved | None = None
    agency: int | Unknown | Reserved | None = None
    office_kind: str | Unknown | Reserved | None = None
    fiscal_district: str | Unknown | Reserved | None = None
    place: str | Unknown | Reserved | None = None
    specialised: bool | Unknown | Reserved | None = None
    superior: int | Unknown | Reserved | None = None
    phone: str | Unknown | Reserved | None = None
    email: str | Unknown | Reserved | None = None
    address: str | Unknown | Reserved | None = None
    valid_from: date | Unknown | Reserved | None = None
    valid_to: date | Unknown | Reserved | None = None
    created_at: datetime | Unknown | Reserved | None = None
    created_by: int | Unknown | Reserved | None = None
    updated_at: datetime | Unknown | Reserved | None = None
    updated_by: int | Unknown | Reserved | None = None
    version: int | Unknown | Reserved | None = None
    origin: str | Unknown | Reserved | None = None
    import_run: str | Unknown | Reserved | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UserView(View):
    """User."""

    username: str | Unknown | Reserved | None = None
    full_name: str | Unknown | Reserved | None = None
    email: str | Unknown | Reserved | None = None
    phone: str | Unknown | Reserved | None = None
    job_title: str | Unknown | Reserved | None = None
    office: int | Unknown | Reserved | None = None
    roles: tuple[str, ...] | Unknown | Reserved | None = None
    interface_language: str | Unknown | Reserved | None = None
    valid_from: date | Unknown | Reserved | None = None
    valid_to: date | Unknown | Reserved | None = None
    created_at: datetime | Unknown | Reserved | None = None
    created_by: int | Unknown | Reserved | None = None
    updated_at: datetime | Unknown | Reserved | None = None
    updated_by: int | Unknown | Reserved | None = None
    version: int | Unknown | Reserved | None = None
    origin: str | Unknown | Reserved | None = None
    import_run: str | Unknown | Reserved | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargeView(View):
    """Charge."""

    received_on: PartialDate | Unknown | Reserved | None = None
    notice_source: str | Unknown | Reserved | None = None
    reported_offence: str | Unknown | Reserved | None = None
    carpeta_number: str | Unknown | Reserved | None = None
    purpose_known: tuple[str, ...] | Unknown | Reserved | None = None
    notice_place: str | Unknown | Reserved | None = None
    summary: str | Unknown | Reserved | None = None
    victims_declared: int | Unknown | Reserved | None = None
    minors_declared: int | Unknown | Reserved | None = None
    accused_declared: int | Unknown | Reserved | None = None
    immediate_risk: str | Unknown | Reserved | None = None
    office: int | Unknown | Reserved | None = None
    responsible: int | Unknown | Reserved | None = None
    number: str | Unknown | Reserved | None = None
    reta_id: str | Unknown | Reserved | None = None
    other_register_id: str | Unknown | Reserved | None = None
    hotline_referral_number: str | Unknown | Reserved | None = None
    former_numbers: str | Unknown | Reserved | None = None
    status: str | Unknown | Reserved | None = None
    stage: str | Unknown | Reserved | None = None
    fiscal_district: str | Unknown | Reserved | None = None
    completed_at: datetime | Unknown | Reserved | None = None
    core_at_registration: bool | Unknown | Reserved | None = None
    duplicate_of: int | Unknown | Reserved | None = None
    completeness: int | Unknown | Reserved | None = None
    case_nickname: str | Unknown | Reserved | None = None
    strategic_flags: tuple[str, ...] | Unknown | Reserved | None = None
    reporting_agency: int | Unknown | Reserved | None = None
    incoming_referral_on: date | Unknown | Reserved | None = None
    reporting_contact: str | Unknown | Reserved | None = None
    incoming_referral_reason: str | Unknown | Reserved | None = None
    incoming_referral_details: str | Unknown | Reserved | None = None
    police_report_number: str | Unknown | Reserved | None = None
    complainant_kind: str | Unknown | Reserved | None = None
    complainant: str | Unknown | Reserved | None = None
    operation_on: date | Unknown | Reserved | None = None
    persons_rescued: int | Unknown | Reserved | None = None
    facts_from: PartialDate | Unknown | Reserved | None = None
    facts_to: PartialDate | Unknown | Reserved | None = None
    acts: tuple[str, ...] | Unknown | Reserved | None = None
    means: tuple[str, ...] | Unknown | Reserved | None = None
    recruitment_methods: tuple[str, ...] | Unknown | Reserved | None = None
    contact_channel: str | Unknown | Reserved | None = None
    recruitment_platforms: tuple[str, ...] | Unknown | Reserved | None = None
    recruitment_place: str | Unknown | Reserved | None = None
    exploitation_place_types: tuple[str, ...] | Unknown | Reserved | None = None
    exploitation_place: str | Unknown | Reserved | None = None
    economic_activity: str | Unknown | Reserved | None = None
    border_crossed: bool | Unknown | Reserved | None = None
    border_countries: tuple[str, ...] | Unknown | Reserved | None = None
    border_post: str | Unknown | Reserved | None = None
    economic_benefit: bool | Unknown | Reserved | None = None
    economic_benefit_amount: Decimal | Unknown | Reserved | None = None
    economic_benefit_note: str | Unknown | Reserved | None = None
    organised_group: bool | Unknown | Reserved | None = None
    narrative: str | Unknown | Reserved | None = None
    procedure_code: str | Unknown | Reserved | None = None
    regime: str | Unknown | Reserved | None = None
    immediate_risk_kinds: tuple[str, ...] | Unknown | Reserved | None = None
    lead_police_unit: str | Unknown | Reserved | None = None
    parent_charge: int | Unknown | Reserved | None = None
    joined_into: int | Unknown | Reserved | None = None
    confidentiality: str | Unknown | Reserved | None = None
    sealed_to: tuple[int, ...] | Unknown | Reserved | None = None
    sealed_reason: str | Unknown | Reserved | None = None
    effective_collaboration: bool | Unknown | Reserved | None = None
    restricted_after_archive: bool | Unknown | Reserved | None = None
    closing_reason: str | Unknown | Reserved | None = None
    closed_on: date | Unknown | Reserved | None = None
    closing_note: str | Unknown | Reserved | None = None
    retention_until: date | Unknown | Reserved | None = None
    retention_reason: str | Unknown | Reserved | None = None
    created_at: datetime | Unknown | Reserved | None = None
    created_by: int | Unknown | Reserved | None = None
    updated_at: datetime | Unknown | Reserved | None = None
    updated_by: int | Unknown | Reserved | None = None
    version: int | Unknown | Reserved | None = None
    origin: str | Unknown | Reserved | None = None
    import_run: str | Unknown | Reserved | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargeMemberView(View):
    """Case team."""

    charge: int | Unknown | Reserved | None = None
    user: int | Unknown | Reserved | None = None
    part: str | Unknown | Reserved | None = None
    from_on: date | Unknown | Reserved | None = None
    until_on: date | Unknown | Reserved | None = None
    created_at: datetime | Unknown | Reserved | None = None
    created_by: int | Unknown | Reserved | None = None
    updated_at: datetime | Unknown | Reserved | None = None
    updated_by: int | Unknown | Reserved | None = None
    version: int | Unknown | Reserved | None = None
    origin: str | Unknown | Reserved | None = None
    import_run: str | Unknown | Reserved | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteLegView(View):
    """Route leg."""

    charge: int | Unknown | Reserved | None = None
    victims: tuple[int, ...] | Unknown | Reserved | None = None
    sequence: int | Unknown | Reserved | None = None
    point: str | Unknown | Reserved | None = None
    country: str | Unknown | Reserved | None = None
    place: str | Unknown | Reserved | None = None
    locality: str | Unknown | Reserved | None = None
    region_abroad: str | Unknown | Reserved | None = None
    street: str | Unknown | Reserved | None = None
    postal_code: str | Unknown | Reserved | None = None
    latitude: Decimal | Unknown | Reserved | None = None
    longitude: Decimal | Unknown | Reserved | None = None
    moved_on: PartialDate | Unknown | Reserved | None = None
    transport_mode: str | Unknown | Reserved | None = None
    transport_company: str | Unknown | Reserved | None = None
    border_post: str | Unknown | Reserved | None = None
    documents_used: tuple[str, ...] | Unknown | Reserved | None = None
    accompanied_by: str | Unknown | Reserved | None = None
    description: str | Unknown | Reserved | None = None
    created_at: datetime | Unknown | Reserved | None = None
    created_by: int | Unknown | Reserved | None = None
    updated_at: datetime | Unknown | Reserved | None = None
    updated_by: int | Unknown | Reserved | None = None
    version: int | Unknown | Reserved | None = None
    origin: str | Unknown | Reserved | None = None
    import_run: str | Unknown | Reserved | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonView(View):
    """Person link."""

    key: str | Unknown | Reserved | None = None
    linked_by: int | Unknown | Reserved | None = None
    linked_at: datetime | Unknown | Reserved | None = None
    reason: str | Unknown | Reserved | None = None
    created_at: datetime | Unknown | Reserved | None = None
    created_by: int | Unknown | Reserved | None = None
    updated_at: datetime | Unknown | Reserved | None = None
    updated_by: int | Unknown | Reserved | None = None
    version: int | Unknown | Reserved | None = None
    origin: str | Unknown | Reserved | None = None
    import_run: str | Unknown | Reserved | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityView(View):
    """Identity."""

    surname_paternal: str | Unknown | Reserved | None = None
    surname_maternal: str | Unknown | Reserved | None = None
    given_names: str | Unknown | Reserved | None = None
    aliases: str | Unknown | Reserved | None = None
    court_initials: str | Unknown | Reserved | None = None
    salutation: str | Unknown | Reserved | None = None
    id_document_type: str | Unknown | Reserved | None = None
    id_document_number: str | Unknown | Reserved | None = None
    id_document_country: str | Unknown | Reserved | None = None
    birth_date: PartialDate | Unknown | Reserved | None = None
    birth_country: str | Unknown | Reserved | None = None
    birth_place: str | Unknown | Reserved | None = None
    deceased: bool | Unknown | Reserved | None = None
    deceased_on: PartialDate | Unknown | Reserved | None = None
    legal_name: str | Unknown | Reserved | None = None
    mobile_phone: str | Unknown | Reserved | None = None
    home_phone: str | Unknown | Reserved | None = None
    email: str | Unknown | Reserved | None = None
    address_country: str | Unknown | Reserved | None = None
    address_place: str | Unknown | Reserved | None = None
    address_city_abroad: str | Unknown | Reserved | None = None
    address_region_abroad: str | Unknown | Reserved | None = None
    address_street: str | Unknown | Reserved | None = None
    address_postal_code: str | Unknown | Reserved | None = None
    address_latitude: Decimal | Unknown | Reserved | None = None
    address_longitude: Decimal | Unknown | Reserved | None = None
    position_title: str | Unknown | Reserved | None = None
    safe_contact: str | Unknown | Reserved | None = None
    created_at: datetime | Unknown | Reserved | None = None
    created_by: int | Unknown | Reserved | None = None
    updated_at: datetime | Unknown | Reserved | None = None
    updated_by: int | Unknown | Reserved | None = None
    version: int | Unknown | Reserved | None = None
    origin: str | Unknown | Reserved | None = None
    import_run: str | Unknown | Reserved | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VictimView(View):
    """Victim."""

    charge: int | Unknown | Reserved | None = None
    code: str | Unknown | Reserved | None = None
    identified: bool | Unknown | Reserved | None = None
    person: int | Unknown | Reserved | None = None
    age_at_facts: int | Unknown | Reserved | None = None
    age_basis: str | Unknown | Reserved | None = None
    age_group: str | Unknown | Reserved | None = None
    sex: str | Unknown | Reserved | None = None
    gender_identity: str | Unknown | Reserved | None = None
    citizenships: tuple[str, ...] | Unknown | Reserved | None = None
    stateless: bool | Unknown | Reserved | None = None
    primary_language: str | Unknown | Reserved | None = None
    ethnicity: str | Unknown | Reserved | None = None
    disabilities: tuple[str, ...] | Unknown | Reserved | None = None
    education: str | Unknown | Reserved | None = None
    education_completed: bool | Unknown | Reserved | None = None
    occupation: str | Unknown | Reserved | None = None
    relation_to_accused: str | Unknown | Reserved | None = None
    main_purpose: str | Unknown | Reserved | None = None
    condition: str | Unknown | Reserved | None = None
    condition_on: date | Unknown | Reserved | None = None
    status: str | Unknown | Reserved | None = None
    status_authority: str | Unknown | Reserved | None = None
    status_on: date | Unknown | Reserved | None = None
    single_interview: str | Unknown | Reserved | None = None
    single_interview_on: date | Unknown | Reserved | None = None
    control_methods: tuple[str, ...] | Unknown | Reserved | None = None
    vulnerability_factors: tuple[str, ...] | Unknown | Reserved | None = None
    vulnerability_details: str | Unknown | Reserved | None = None
    risk_level: str | Unknown | Reserved | None = None
    risk_kinds: tuple[str, ...] | Unknown | Reserved | None = None
    civil_party: bool | Unknown | Reserved | None = None
    marital_status: str | Unknown | Reserved | None = None
    number_of_children: int | Unknown | Reserved | None = None
    pregnant_at_facts: bool | Unknown | Reserved | None = None
    other_languages: tuple[str, ...] | Unknown | Reserved | None = None
    interpreter_needed: bool | Unknown | Reserved | None = None
    immigration_status: str | Unknown | Reserved | None = None
    residence_before: str | Unknown | Reserved | None = None
    guardian: str | Unknown | Reserved | None = None
    missing_report: str | Unknown | Reserved | None = None
    reta_victim_id: str | Unknown | Reserved | None = None
    previous_victim: bool | Unknown | Reserved | None = None
    interview_consent: bool | Unknown | Reserved | None = None
    interview_consent_on: date | Unknown | Reserved | None = None
    data_agreement: bool | Unknown | Reserved | None = None
    assistance_status: str | Unknown | Reserved | None = None
    assistance_closing_reason: str | Unknown | Reserved | None = None
    udavit_number: str | Unknown | Reserved | None = None
    note: str | Unknown | Reserved | None = None
    created_at: datetime | Unknown | Reserved | None = None
    created_by: int | Unknown | Reserved | None = None
    updated_at: datetime | Unknown | Reserved | None = None
    updated_by: int | Unknown | Reserved | None = None
    version: int | Unknown | Reserved | None = None
    origin: str | Unknown | Reserved | None = None
    import_run: str | Unknown | Reserved | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecruitmentView(View):
    """Recruitment."""

    victim: int | Unknown | Reserved | None = None
    accused: tuple[int, ...] | Unknown | Reserved | None = None
    methods: tuple[str, ...] | Unknown | Reserved | None = None
    means: tuple[str, ...] | Unknown | Reserved | None = None
    contact_channel: str | Unknown | Reserved | None = None
    platforms: tuple[str, ...] | Unknown | Reserved | None = None
    profile_or_number: str | Unknown | Reserved | None = None
    offer: str | Unknown | Reserved | None = None
    accepted_offer: bool | Unknown | Reserved | None = None
    venue_name: str | Unknown | Reserved | None = None
    recruited_on: PartialDate | Unknown | Reserved | None = None
    country: str | Unknown | Reserved | None = None
    place: str | Unknown | Reserved | None = None
    locality: str | Unknown | Reserved | None = None
    region_abroad: str | Unknown | Reserved | None = None
    street: str | Unknown | Reserved | None = None
    postal_code: str | Unknown | Reserved | None = None
    latitude: Decimal | Unknown | Reserved | None = None
    longitude: Decimal | Unknown | Reserved | None = None
    description: str | Unknown | Reserved | None = None
    created_at: datetime | Unknown | Reserved | None = None
    created_by: int | Unknown | Reserved | None = None
    updated_at: datetime | Unknown | Reserved | None = None
    updated_by: int | Unknown | Reserved | None = None
    version: int | Unknown | Reserved | None = None
    origin: str | Unknown | Reserved | None = None
    import_run: str | Unknown | Reserved | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExploitationView(View):
    """Exploitation."""

    victim: int | Unknown | Reserved | None = None
    purpose: str | Unknown | Reserved | None = None
    consummated: bool | Unknown | Reserved | None = None
    place_types: tuple[str, ...] | Unknown | Reserved | None = None
    venue_name: str | Unknown | Reserved | None = None
    economic_activity: str | Unknown | Reserved | None = None
    platforms: tuple[str, ...] | Unknown | Reserved | None = None
    started_on: PartialDate | Unknown | Reserved | None = None
    ended_on: PartialDate | Unknown | Reserved | None = None
    country: str | Unknown | Reserved | None = None
    place: str | Unknown | Reserved | None = None
    locality: str | Unknown | Reserved | None = None
    region_abroad: str | Unknown | Reserved | None = None
    street: str | Unknown | Reserved | None = None
    postal_code: str | Unknown | Reserved | None = None
    latitude: Decimal | Unknown | Reserved | None = None
    longitude: Decimal | Unknown | Reserved | None = None
    hours_per_day: Decimal | Unknown | Reserved | None = None
    days_per_week: int | Unknown | Reserved | None = None
    paid: bool | Unknown | Reserved | None = None
    pay_amount: Decimal | Unknown | Reserved | None = None
    pay_period: str | Unknown | Reserved | None = None
    debt_amount: Decimal | Unknown | Reserved | None = None
    lodging_given: bool | Unknown | Reserved | None = None
    description: str | Unknown | Reserved | None = None
    created_at: datetime | Unknown | Reserved | None = None
    created_by: int | Unknown | Reserved | None = None
    updated_at: datetime | Unknown | Reserved | None = None
    updated_by: int | Unknown | Reserved | None = None
    version: int | Unknown | Reserved | None = None
    origin: str | Unknown | Reserved | None = None
    import_run: str | Unknown | Reserved | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AccusedView(View):
    """Accused."""

    charge: int | Unknown | Reserved | None = None
    code: str | Unknown | Reserved | None = None
    identified: bool | Unknown | Reserved | None = None
    description: str | Unknown | Reserved | None = None
    kind: str | Unknown | Reserved | None = None
    person: int | Unknown | Reserved | None = None
    sex: str | Unknown | Reserved | None = None
    gender_identity: str | Unknown | Reserved | None = None
    age_at_facts: int | Unknown | Reserved | None = None
    age_group: str | Unknown | Reserved | None = None
    citizenships: tuple[str, ...] | Unknown | Reserved | None = None
    occupation: str | Unknown | Reserved | None = None
    public_official: bool | Unknown | Reserved | None = None
    public_institution: str | Unknown | Reserved | None = None
    primary_language: str | Unknown | Reserved | None = None
    immigration_status: str | Unknown | Reserved | None = None
    education: str | Unknown | Reserved | None = None
    roles: tuple[str, ...] | Unknown | Reserved | None = None
    role_details: str | Unknown | Reserved | None = None
    organisation: str | Unknown | Reserved | None = None
    status: str | Unknown | Reserved | None = None
    custody: bool | Unknown | Reserved | None = None
    legal_person: str | Unknown | Reserved | None = None
    legal_person_ruc: str | Unknown | Reserved | None = None
    criminal_record: tuple[str, ...] | Unknown | Reserved | None = None
    first_contact_on: date | Unknown | Reserved | None = None
    defence_counsel: str | Unknown | Reserved | None = None
    public_defender: bool | Unknown | Reserved | None = None
    note: str | Unknown | Reserved | None = None
    created_at: datetime | Unknown | Reserved | None = None
    created_by: int | Unknown | Reserved | None = None
    updated_at: datetime | Unknown | Reserved | None = None
    updated_by: int | Unknown | Reserved | None = None
    version: int | Unknown | Reserved | None = None
    origin: str | Unknown | Reserved | None = None
    import_run: str | Unknown | Reserved | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VictimAccusedRelationView(View):
    """Victim-accused relation."""

    victim: int | Unknown | Reserved | None = None
    accused: int | Unknown | Reserved | None = None
    relation: str | Unknown | Reserved | None = None
    same_household: bool | Unknown | Reserved | None = None
    note: str | Unknown | Reserved | None = None
    created_at: datetime | Unknown | Reserved | None = None
    created_by: int | Unknown | Reserved | None = None
    updated_at: datetime | Unknown | Reserved | None = None
    updated_by: int | Unknown | Reserved | None = None
    version: int | Unknown | Reserved | None = None
    origin: str | Unknown | Reserved | None = None
    import_run: str | Unknown | Reserved | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CountView(View):
    """Count."""

    charge: int | Unknown | Reserved | None = None
    accused: int | Unknown | Reserved | None = None
    offence: str | Unknown | Reserved | None = None
    offence_other: str | Unknown | Reserved | None = None
    aggravating: tuple[str, ...] | Unknown | Reserved | None = None
    main: bool | Unknown | Reserved | None = None
    participation: str | Unknown | Reserved | None = None
    degree: str | Unknown | Reserved | None = None
    concurrence: str | Unknown | Reserved | None = None
    acts: tuple[str, ...] | Unknown | Reserved | None = None
    means: tuple[str, ...] | Unknown | Reserved | None = None
    purposes: tuple[str, ...] | Unknown | Reserved | None = None
    facts_from: PartialDate | Unknown | Reserved | None = None
    facts_to: PartialDate | Unknown | Reserved | None = None
    description: str | Unknown | Reserved | None = None
    first_offence: str | Unknown | Reserved | None = None
    state: str | Unknown | Reserved | None = None
    stage: str | Unknown | Reserved | None = None
    outcome: str | Unknown | Reserved | None = None
    prosecuted_on: PartialDate | Unknown | Reserved | None = None
    accusation_on: PartialDate | Unknown | Reserved | None = None
    penalty_requested: Duration | Unknown | Reserved | None = None
    reparation_requested: Decimal | Unknown | Reserved | None = None
    first_instance_on: PartialDate | Unknown | Reserved | None = None
    final_on: PartialDate | Unknown | Reserved | None = None
    created_at: datetime | Unknown | Reserved | None = None
    created_by: int | Unknown | Reserved | None = None
    updated_at: datetime | Unknown | Reserved | None = None
    updated_by: int | Unknown | Reserved | None = None
    version: int | Unknown | Reserved | None = None
    origin: str | Unknown | Reserved | None = None
    import_run: str | Unknown | Reserved | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CountVictimView(View):
    """Victim of the count."""

    count: int | Unknown | Reserved | None = None
    victim: int | Unknown | Reserved | None = None
    note: str | Unknown | Reserved | None = None
    created_at: datetime | Unknown | Reserved | None = None
    created_by: int | Unknown | Reserved | None = None
    updated_at: datetime | Unknown | Reserved | None = None
    updated_by: int | Unknown | Reserved | None = None
    version: int | Unknown | Reserved | None = None
    origin: str | Unknown | Reserved | None = None
    import_run: str | Unknown | Reserved | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RetypificationView(View):
    """Re-typification."""

    count: int | Unknown | Reserved | None = None
    from_offence: str | Unknown | Reserved | None = None
    to_offence: str | Unknown | Reserved | None = None
    retypified_on: date | Unknown | Reserved | None = None
    event: int | Unknown | Reserved | None = None
    stage: str | Unknown | Reserved | None = None
    decided_by: str | Unknown | Reserved | None = None
    author: int | Unknown | Reserved | None = None
    reason: str | Unknown | Reserved | None = None
    approval: str | Unknown | Reserved | None = None
    approved_by: int | Unknown | Reserved | None = None
    approved_at: datetime | Unknown | Reserved | None = None
    created_at: datetime | Unknown | Reserved | None = None
    created_by: int | Unknown | Reserved | None = None
    updated_at: datetime | Unknown | Reserved | None = None
    updated_by: int | Unknown | Reserved | None = None
    version: int | Unknown | Reserved | None = None
    origin: str | Unknown | Reserved | None = None
    import_run: str | Unknown | Reserved | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EventView(View):
    """Event."""

    event_type: str | Unknown | Reserved | None = None
    charge: int | Unknown | Reserved | None = None
    court_case: int | Unknown | Reserved | None = None
    occurred_on: PartialDate | Unknown | Reserved | None = None
    notified_on: date | Unknown | Reserved | None = None
    occurred_at: str | Unknown | Reserved | None = None
    counts: tuple[int, ...] | Unknown | Reserved | None = None
    accused: tuple[int, ...] | Unknown | Reserved | None = None
    victims: tuple[int, ...] | Unknown | Reserved | None = None
    authority: int | Unknown | Reserved | None = None
    court_name: str | Unknown | Reserved | None = None
    court_instance: str | Unknown | Reserved | None = None
    party: str | Unknown | Reserved | None = None
    party_detail: str | Unknown | Reserved | None = None
    result: str | Unknown | Reserved | None = None
    appeal_outcome: str | Unknown | Reserved | None = None
    hearing_type: str | Unknown | Reserved | None = None
    hearing_mode: str | Unknown | Reserved | None = None
    scheduled_for: datetime | Unknown | Reserved | None = None
    expert_report_kind: str | Unknown | Reserved | None = None
    evidence_kinds: tuple[str, ...] | Unknown | Reserved | None = None
    risk_level: str | Unknown | Reserved | None = None
    resolution_number: str | Unknown | Reserved | None = None
    attachment: int | Unknown | Reserved | None = None
    term_days: int | Unknown | Reserved | None = None
    term_until: date | Unknown | Reserved | None = None
    place: str | Unknown | Reserved | None = None
    offence: str | Unknown | Reserved | None = None
    measure: int | Unknown | Reserved | None = None
    judgment: int | Unknown | Reserved | None = None
    remedy: int | Unknown | Reserved | None = None
    reparation: int | Unknown | Reserved | None = None
    service: int | Unknown | Reserved | None = None
    referral: int | Unknown | Reserved | None = None
    target_office: int | Unknown | Reserved | None = None
    target_charge: int | Unknown | Reserved | None = None
    target_court_case: int | Unknown | Reserved | None = None
    responsible: int | Unknown | Reserved | None = None
    amount: Decimal | Unknown | Reserved | None = None
    closing_reason: str | Unknown | Reserved | None = None
    reversed_event: int | Unknown | Reserved | None = None
    reason: str | Unknown | Reserved | None = None
    note: str | Unknown | Reserved | None = None
    confidentiality: str | Unknown | Reserved | None = None
    stage_before: str | Unknown | Reserved | None = None
    stage_after: str | Unknown | Reserved | None = None
    outcome: str | Unknown | Reserved | None = None
    reversed_by: int | Unknown | Reserved | None = None
    regress_reason: str | Unknown | Reserved | None = None
    created_at: datetime | Unknown | Reserved | None = None
    created_by: int | Unknown | Reserved | None = None
    updated_at: datetime | Unknown | Reserved | None = None
    updated_by: int | Unknown | Reserved | None = None
    version: int | Unknown | Reserved | None = None
    origin: str | Unknown | Reserved | None = None
    import_run: str | Unknown | Reserved | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CourtCaseView(View):
    """Court case."""

    docket_number: str | Unknown | Reserved | None = None
    other_number: str | Unknown | Reserved | None = None
    court_case_kind: str | Unknown | Reserved | None = None
    main_docket: int | Unknown | Reserved | None = None
    appeal_kind: str | Unknown | Reserved | None = None
    procedure_code: str | Unknown | Reserved | None = None
    court_instance: str | Unknown | Reserved | None = None
    court_name: str | Unknown | Reserved | None = None
    fiscal_district: str | Unknown | Reserved | None = None
    judges: str | Unknown | Reserved | None = None
    court_clerk: str | Unknown | Reserved | None = None
    prosecution_office: int | Unknown | Reserved | None = None
    opened_on: PartialDate | Unknown | Reserved | None = None
    state: str | Unknown | Reserved | None = None
    stage: str | Unknown | Reserved | None = None
    procuraduria: bool | Unknown | Reserved | None = None
    next_hearing_at: datetime | Unknown | Reserved | None = None
    concluded_on: PartialDate | Unknown | Reserved | None = None
    note: str | Unknown | Reserved | None = None
    created_at: datetime | Unknown | Reserved | None = None
    created_by: int | Unknown | Reserved | None = None
    updated_at: datetime | Unknown | Reserved | None = None
    updated_by: int | Unknown | Reserved | None = None
    version: int | Unknown | Reserved | None = None
    origin: str | Unknown | Reserved | None = None
    import_run: str | Unknown | Reserved | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargeCourtCaseView(View):
    """Charge-court case link."""

    charge: int | Unknown | Reserved | None = None
    court_case: int | Unknown | Reserved | None = None
    accused: tuple[int, ...] | Unknown | Reserved | None = None
    link: str | Unknown | Reserved | None = None
    linked_on: date | Unknown | Reserved | None = None
    unlinked_on: date | Unknown | Reserved | None = None
    created_at: datetime | Unknown | Reserved | None = None
    created_by: int | Unknown | Reserved | None = None
    updated_at: datetime | Unknown | Reserved | None = None
    updated_by: int | Unknown | Reserved | None = None
    version: int | Unknown | Reserved | None = None
    origin: str | Unknown | Reserved | None = None
    import_run: str | Unknown | Reserved | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RemedyView(View):
    """Remedy."""

    court_case: int | Unknown | Reserved | None = None
    kind: str | Unknown | Reserved | None = None
    number: str | Unknown | Reserved | None = None
    against: tuple[int, ...] | Unknown | Reserved | None = None
    filed_by: tuple[str, ...] | Unknown | Reserved | None = None
    filed_on: PartialDate | Unknown | Reserved | None = None
    granted: bool | Unknown | Reserved | None = None
    court_instance: str | Unknown | Reserved | None = None
    court_name: str | Unknown | Reserved | None = None
    heard_on: PartialDate | Unknown | Reserved | None = None
    decided_on: PartialDate | Unknown | Reserved | None = None
    outcome: str | Unknown | Reserved | None = None
    remand: bool | Unknown | Reserved | None = None
    note: str | Unknown | Reserved | None = None
    created_at: datetime | Unknown | Reserved | None = None
    created_by: int | Unknown | Reserved | None = None
    updated_at: datetime | Unknown | Reserved | None = None
    updated_by: int | Unknown | Reserved | None = None
    version: int | Unknown | Reserved | None = None
    origin: str | Unknown | Reserved | None = None
    import_run: str | Unknown | Reserved | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgmentView(View):
    """Judgment."""

    court_case: int | Unknown | Reserved | None = None
    decision_kind: str | Unknown | Reserved | None = None
    instance: str | Unknown | Reserved | None = None
    decided_on: PartialDate | Unknown | Reserved | None = None
    read_on: PartialDate | Unknown | Reserved | None = None
    notified_on: PartialDate | Unknown | Reserved | None = None
    published_on: PartialDate | Unknown | Reserved | None = None
    resolution_number: str | Unknown | Reserved | None = None
    court_instance: str | Unknown | Reserved | None = None
    court_name: str | Unknown | Reserved | None = None
    judges: str | Unknown | Reserved | None = None
    dissenting: bool | Unknown | Reserved | None = None
    verdict: str | Unknown | Reserved | None = None
    remedy: int | Unknown | Reserved | None = None
    finality: str | Unknown | Reserved | None = None
    final_on: PartialDate | Unknown | Reserved | None = None
    procedural_remark: str | Unknown | Reserved | None = None
    attachment: int | Unknown | Reserved | None = None
    created_at: datetime | Unknown | Reserved | None = None
    created_by: int | Unknown | Reserved | None = None
    updated_at: datetime | Unknown | Reserved | None = None
    updated_by: int | Unknown | Reserved | None = None
    version: int | Unknown | Reserved | None = None
    origin: str | Unknown | Reserved | None = None
    import_run: str | Unknown | Reserved | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RulingView(View):
    """Ruling."""

    judgment: int | Unknown | Reserved | None = None
    count: int | Unknown | Reserved | None = None
    verdict: str | Unknown | Reserved | None = None
    convicted_offence: str | Unknown | Reserved | None = None
    convicted_degree: str | Unknown | Reserved | None = None
    convicted_participation: str | Unknown | Reserved | None = None
    acquittal_reason: str | Unknown | Reserved | None = None
    acquittal_note: str | Unknown | Reserved | None = None
    remedy_outcome: str | Unknown | Reserved | None = None
    note: str | Unknown | Reserved | None = None
    created_at: datetime | Unknown | Reserved | None = None
    created_by: int | Unknown | Reserved | None = None
    updated_at: datetime | Unknown | Reserved | None = None
    updated_by: int | Unknown | Reserved | None = None
    version: int | Unknown | Reserved | None = None
    origin: str | Unknown | Reserved | None = None
    import_run: str | Unknown | Reserved | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PenaltyView(View):
    """Penalty."""

    judgment: int | Unknown | Reserved | None = None
    accused: int | Unknown | Reserved | None = None
    sentence_types: tuple[str, ...] | Unknown | Reserved | None = None
    imprisonment: Duration | Unknown | Reserved | None = None
    suspension_term: Duration | Unknown | Reserved | None = None
    conduct_rules: str | Unknown | Reserved | None = None
    served_from: date | Unknown | Reserved | None = None
    served_until: date | Unknown | Reserved | None = None
    community_service_days: int | Unknown | Reserved | None = None
    fine_days: int | Unknown | Reserved | None = None
    fine_amount: Decimal | Unknown | Reserved | None = None
    disqualification: Duration | Unknown | Reserved | None = None
    disqualification_kinds: str | Unknown | Reserved | None = None
    expulsion: bool | Unknown | Reserved | None = None
    confiscation: str | Unknown | Reserved | None = None
    legal_person_consequence: str | Unknown | Reserved | None = None
    below_minimum_reason: str | Unknown | Reserved | None = None
    created_at: datetime | Unknown | Reserved | None = None
    created_by: int | Unknown | Reserved | None = None
    updated_at: datetime | Unknown | Reserved | None = None
    updated_by: int | Unknown | Reserved | None = None
    version: int | Unknown | Reserved | None = None
    origin: str | Unknown | Reserved | None = None
    import_run: str | Unknown | Reserved | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReparationView(View):
    """Reparation."""

    judgment: int | Unknown | Reserved | None = None
    victims: tuple[int, ...] | Unknown | Reserved | None = None
    debtors: tuple[int, ...] | Unknown | Reserved | None = None
    joint_liability: bool | Unknown | Reserved | None = None
    amount_ordered: Decimal | Unknown | Reserved | None = None
    amount_other_currency: str | Unknown | Reserved | None = None
    due_on: date | Unknown | Reserved | None = None
    amount_paid: Decimal | Unknown | Reserved | None = None
    status: str | Unknown | Reserved | None = None
    secured_by: int | Unknown | Reserved | None = None
    non_monetary: str | Unknown | Reserved | None = None
    note: str | Unknown | Reserved | None = None
    created_at: datetime | Unknown | Reserved | None = None
    created_by: int | Unknown | Reserved | None = None
    updated_at: datetime | Unknown | Reserved | None = None
    updated_by: int | Unknown | Reserved | None = None
    version: int | Unknown | Reserved | None = None
    origin: str | Unknown | Reserved | None = None
    import_run: str | Unknown | Reserved | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureView(View):
    """Measure."""

    kind: str | Unknown | Reserved | None = None
    charge: int | Unknown | Reserved | None = None
    accused: int | Unknown | Reserved | None = None
    victim: int | Unknown | Reserved | None = None
    coercive_measure: str | Unknown | Reserved | None = None
    protection_measure: str | Unknown | Reserved | None = None
    court_case: int | Unknown | Reserved | None = None
    court_name: str | Unknown | Reserved | None = None
    agency: int | Unknown | Reserved | None = None
    requested_on: date | Unknown | Reserved | None = None
    ordered_on: date | Unknown | Reserved | None = None
    resolution_number: str | Unknown | Reserved | None = None
    starts_on: date | Unknown | Reserved | None = None
    term_months: int | Unknown | Reserved | None = None
    term_days: int | Unknown | Reserved | None = None
    ends_on: date | Unknown | Reserved | None = None
    state: str | Unknown | Reserved | None = None
    ended_on: date | Unknown | Reserved | None = None
    end_reason: str | Unknown | Reserved | None = None
    extends: int | Unknown | Reserved | None = None
    amount: Decimal | Unknown | Reserved | None = None
    goods: str | Unknown | Reserved | None = None
    prison: str | Unknown | Reserved | None = None
    restrictions: str | Unknown | Reserved | None = None
    location: str | Unknown | Reserved | None = None
    breached: bool | Unknown | Reserved | None = None
    note: str | Unknown | Reserved | None = None
    created_at: datetime | Unknown | Reserved | None = None
    created_by: int | Unknown | Reserved | None = None
    updated_at: datetime | Unknown | Reserved | None = None
    updated_by: int | Unknown | Reserved | None = None
    version: int | Unknown | Reserved | None = None
    origin: str | Unknown | Reserved | None = None
    import_run: str | Unknown | Reserved | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceView(View):
    """Service."""

    victim: int | Unknown | Reserved | None = None
    service_type: str | Unknown | Reserved | None = None
    status: str | Unknown | Reserved | None = None
    provider: int | Unknown | Reserved | None = None
    provider_contact: str | Unknown | Reserved | None = None
    referred_on: date | Unknown | Reserved | None = None
    referral_reason: str | Unknown | Reserved | None = None
    referral_details: str | Unknown | Reserved | None = None
    starts_on: date | Unknown | Reserved | None = None
    decline_reason: str | Unknown | Reserved | None = None
    location: str | Unknown | Reserved | None = None
    plan_objectives: str | Unknown | Reserved | None = None
    plan_actions: str | Unknown | Reserved | None = None
    planned_end_on: date | Unknown | Reserved | None = None
    ended_on: date | Unknown | Reserved | None = None
    cost: Decimal | Unknown | Reserved | None = None
    result: str | Unknown | Reserved | None = None
    created_at: datetime | Unknown | Reserved | None = None
    created_by: int | Unknown | Reserved | None = None
    updated_at: datetime | Unknown | Reserved | None = None
    updated_by: int | Unknown | Reserved | None = None
    version: int | Unknown | Reserved | None = None
    origin: str | Unknown | Reserved | None = None
    import_run: str | Unknown | Reserved | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachmentView(View):
    """Attachment."""

    charge: int | Unknown | Reserved | None = None
    court_case: int | Unknown | Reserved | None = None
    kind: str | Unknown | Reserved | None = None
    title: str | Unknown | Reserved | None = None
    dated: PartialDate | Unknown | Reserved | None = None
    number: str | Unknown | Reserved | None = None
    issuer: str | Unknown | Reserved | None = None
    source_reference: str | Unknown | Reserved | None = None
    victims: tuple[int, ...] | Unknown | Reserved | None = None
    accused: tuple[int, ...] | Unknown | Reserved | None = None
    contains_identity: bool | Unknown | Reserved | None = None
    confidentiality: str | Unknown | Reserved | None = None
    pages: int | Unknown | Reserved | None = None
    summary: str | Unknown | Reserved | None = None
    file_name: str | Unknown | Reserved | None = None
    media_type: str | Unknown | Reserved | None = None
    size_bytes: int | Unknown | Reserved | None = None
    sha256: str | Unknown | Reserved | None = None
    replaces: int | Unknown | Reserved | None = None
    created_at: datetime | Unknown | Reserved | None = None
    created_by: int | Unknown | Reserved | None = None
    updated_at: datetime | Unknown | Reserved | None = None
    updated_by: int | Unknown | Reserved | None = None
    version: int | Unknown | Reserved | None = None
    origin: str | Unknown | Reserved | None = None
    import_run: str | Unknown | Reserved | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadlineView(View):
    """Deadline."""

    rule: str | Unknown | Reserved | None = None
    charge: int | Unknown | Reserved | None = None
    court_case: int | Unknown | Reserved | None = None
    accused: int | Unknown | Reserved | None = None
    measure: int | Unknown | Reserved | None = None
    opened_by: int | Unknown | Reserved | None = None
    starts_on: date | Unknown | Reserved | None = None
    due_on: date | Unknown | Reserved | None = None
    due_at: datetime | Unknown | Reserved | None = None
    set_by_hand_reason: str | Unknown | Reserved | None = None
    state: str | Unknown | Reserved | None = None
    closed_by: int | Unknown | Reserved | None = None
    closed_on: date | Unknown | Reserved | None = None
    extends: int | Unknown | Reserved | None = None
    suspended_from: date | Unknown | Reserved | None = None
    suspended_to: date | Unknown | Reserved | None = None
    critical: bool | Unknown | Reserved | None = None
    created_at: datetime | Unknown | Reserved | None = None
    created_by: int | Unknown | Reserved | None = None
    updated_at: datetime | Unknown | Reserved | None = None
    updated_by: int | Unknown | Reserved | None = None
    version: int | Unknown | Reserved | None = None
    origin: str | Unknown | Reserved | None = None
    import_run: str | Unknown | Reserved | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskView(View):
    """Task."""

    title: str | Unknown | Reserved | None = None
    charge: int | Unknown | Reserved | None = None
    court_case: int | Unknown | Reserved | None = None
    from_event: int | Unknown | Reserved | None = None
    assignee: int | Unknown | Reserved | None = None
    due_on: date | Unknown | Reserved | None = None
    priority: str | Unknown | Reserved | None = None
    status: str | Unknown | Reserved | None = None
    done_at: datetime | Unknown | Reserved | None = None
    note: str | Unknown | Reserved | None = None
    created_at: datetime | Unknown | Reserved | None = None
    created_by: int | Unknown | Reserved | None = None
    updated_at: datetime | Unknown | Reserved | None = None
    updated_by: int | Unknown | Reserved | None = None
    version: int | Unknown | Reserved | None = None
    origin: str | Unknown | Reserved | None = None
    import_run: str | Unknown | Reserved | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantView(View):
    """Grant."""

    charge: int | Unknown | Reserved | None = None
    target_kind: str | Unknown | Reserved | None = None
    target_agency: int | Unknown | Reserved | None = None
    target_office: int | Unknown | Reserved | None = None
    target_user: int | Unknown | Reserved | None = None
    profile: str | Unknown | Reserved | None = None
    sections: tuple[str, ...] | Unknown | Reserved | None = None
    permission: str | Unknown | Reserved | None = None
    legal_basis: str | Unknown | Reserved | None = None
    purpose: str | Unknown | Reserved | None = None
    note: str | Unknown | Reserved | None = None
    valid_until: date | Unknown | Reserved | None = None
    state: str | Unknown | Reserved | None = None
    offered_by: int | Unknown | Reserved | None = None
    offered_at: datetime | Unknown | Reserved | None = None
    answered_by: int | Unknown | Reserved | None = None
    answered_at: datetime | Unknown | Reserved | None = None
    answer_reason: str | Unknown | Reserved | None = None
    revoked_at: datetime | Unknown | Reserved | None = None
    revoke_reason: str | Unknown | Reserved | None = None
    from_request: int | Unknown | Reserved | None = None
    from_rule: str | Unknown | Reserved | None = None
    created_at: datetime | Unknown | Reserved | None = None
    created_by: int | Unknown | Reserved | None = None
    updated_at: datetime | Unknown | Reserved | None = None
    updated_by: int | Unknown | Reserved | None = None
    version: int | Unknown | Reserved | None = None
    origin: str | Unknown | Reserved | None = None
    import_run: str | Unknown | Reserved | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferralView(View):
    """Referral."""

    charge: int | Unknown | Reserved | None = None
    from_office: int | Unknown | Reserved | None = None
    to_office: int | Unknown | Reserved | None = None
    reason: str | Unknown | Reserved | None = None
    details: str | Unknown | Reserved | None = None
    document: int | Unknown | Reserved | None = None
    keep_copy: str | Unknown | Reserved | None = None
    state: str | Unknown | Reserved | None = None
    offered_by: int | Unknown | Reserved | None = None
    offered_at: datetime | Unknown | Reserved | None = None
    answered_by: int | Unknown | Reserved | None = None
    answered_at: datetime | Unknown | Reserved | None = None
    decline_reason: str | Unknown | Reserved | None = None
    decline_note: str | Unknown | Reserved | None = None
    created_at: datetime | Unknown | Reserved | None = None
    created_by: int | Unknown | Reserved | None = None
    updated_at: datetime | Unknown | Reserved | None = None
    updated_by: int | Unknown | Reserved | None = None
    version: int | Unknown | Reserved | None = None
    origin: str | Unknown | Reserved | None = None
    import_run: str | Unknown | Reserved | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessRequestView(View):
    """Access request."""

    charge: int | Unknown | Reserved | None = None
    requested_by: int | Unknown | Reserved | None = None
    agency: int | Unknown | Reserved | None = None
    sections: tuple[str, ...] | Unknown | Reserved | None = None
    profile: str | Unknown | Reserved | None = None
    purpose: str | Unknown | Reserved | None = None
    legal_basis: str | Unknown | Reserved | None = None
    reason: str | Unknown | Reserved | None = None
    until: date | Unknown | Reserved | None = None
    state: str | Unknown | Reserved | None = None
    answered_by: int | Unknown | Reserved | None = None
    answered_at: datetime | Unknown | Reserved | None = None
    answer_reason: str | Unknown | Reserved | None = None
    grant: int | Unknown | Reserved | None = None
    joined_to: int | Unknown | Reserved | None = None
    created_at: datetime | Unknown | Reserved | None = None
    created_by: int | Unknown | Reserved | None = None
    updated_at: datetime | Unknown | Reserved | None = None
    updated_by: int | Unknown | Reserved | None = None
    version: int | Unknown | Reserved | None = None
    origin: str | Unknown | Reserved | None = None
    import_run: str | Unknown | Reserved | None = None


VIEWS: dict[str, type[View]] = {
    "agency": AgencyView,
    "office": OfficeView,
    "user": UserView,
    "charge": ChargeView,
    "charge_member": ChargeMemberView,
    "route_leg": RouteLegView,
    "person": PersonView,
    "identity": IdentityView,
    "victim": VictimView,
    "recruitment": RecruitmentView,
    "exploitation": ExploitationView,
    "accused": AccusedView,
    "victim_accused_relation": VictimAccusedRelationView,
    "count": CountView,
    "count_victim": CountVictimView,
    "retypification": RetypificationView,
    "event": EventView,
    "court_case": CourtCaseView,
    "charge_court_case": ChargeCourtCaseView,
    "remedy": RemedyView,
    "judgment": JudgmentView,
    "ruling": RulingView,
    "penalty": PenaltyView,
    "reparation": ReparationView,
    "measure": MeasureView,
    "service": ServiceView,
    "attachment": AttachmentView,
    "deadline": DeadlineView,
    "task": TaskView,
    "grant": GrantView,
    "referral": ReferralView,
    "access_request": AccessRequestView,
}
