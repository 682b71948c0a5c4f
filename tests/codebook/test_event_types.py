from datetime import date

import pytest

from sistra.codebook.event_types import (
    asks_notified_on,
    event_type,
    event_types,
    offered,
    regime_set,
    reversal_types,
    search,
)
from sistra.codebook.offences import in_force, is_core, offences
from sistra.codebook.terms import codelist


def test_the_catalogue_has_231_acts_of_which_13_are_frequent():
    assert len(event_types()) == 231
    assert sum(kind.frequent for kind in event_types().values()) == 13


def test_every_code_in_the_catalogue_is_a_row_of_its_list():
    for kind in event_types().values():
        assert set(kind.stage_from) <= {*codelist("procedural_stage"), "*"}, kind.code
        assert kind.stage_to in {"", *codelist("procedural_stage")}, kind.code
        assert kind.outcome in {"", *codelist("stage_outcome")}, kind.code
        assert {*kind.opens, *kind.closes} <= set(codelist("deadline")), kind.code
        assert kind.procedure_code in codelist("procedure_code"), kind.code
        assert bool(kind.outcome) == bool(kind.scope), kind.code


def test_an_act_asks_its_date_first_and_at_most_four_things():
    for kind in event_types().values():
        assert kind.needs[0] == "occurred_on" and len(kind.needs) <= 4, kind.code


def test_a_type_gives_its_columns_typed():
    kind = event_type("DIP-AMP")
    assert kind.stage_from == ("30-DIP",)
    assert kind.needs == ("occurred_on", "term_days", "reason", "attachment")
    assert kind.opens == kind.closes == ("DIP-ORD", "DIP-COM", "DIP-ORG")
    assert not kind.frequent
    assert (kind.label("es"), kind.label("en")) == (kind.label_es, kind.label_en)


def test_law_from_general_knowledge_is_not_verified():
    assert not event_type("NOT-AMP").verified
    assert event_type("DIP-INI").verified


def test_an_unknown_type_is_refused():
    with pytest.raises(KeyError):
        event_type("NO-HAY")


def test_only_the_correction_reverses():
    assert reversal_types() == {"COR-ACT"}


def test_the_offer_has_the_frequent_ones_first_then_the_expected_then_the_rest_flagged():
    offers = offered("charge", "ncpp", "30-DIP")
    frequent = [offer.event_type.frequent for offer in offers]
    assert frequent == sorted(frequent, reverse=True) and frequent[0]
    rest = [offer.expected for offer in offers if not offer.event_type.frequent]
    assert rest == sorted(rest, reverse=True) and not rest[-1]


def test_the_offer_leaves_out_other_subjects_and_the_other_code():
    codes = {offer.event_type.code for offer in offered("court_case", "1940", "60-JUI")}
    assert {"ANT-SAB", "JUI-SES", "COR-ACT"} <= codes
    assert not codes & {"SEN-ABS", "ANT-FOR", "DIP-INI"}


def test_without_a_stage_nothing_is_flagged():
    assert all(offer.expected for offer in offered("charge"))


def test_a_search_knows_no_accents_and_reads_both_languages():
    assert "FOR-DIS" in {kind.code for kind in search("formalizacion")}
    assert "FOR-DIS" in {kind.code for kind in search("FORMALIZACIÓN preparatoria")}
    assert search("cassation upheld")
    assert search("ppr-fun")[0].code == "PPR-FUN"


def test_a_search_needs_every_word_and_something_to_look_for():
    assert search("  ") == []
    assert search("sentencia zapallo") == []
    assert len(search("sen", limit=3)) == 3


def test_a_search_stays_within_the_offer():
    among = [offer.event_type for offer in offered("court_case", "1940")]
    assert {kind.code for kind in search("sentencia absolutoria", among=among)} == {"ANT-SAB"}
    assert {kind.code for kind in search("sentencia absolutoria", "court_case", "ncpp")} == {"SEN-ABS"}


def test_acts_whose_term_runs_from_notification_ask_that_date():
    assert asks_notified_on(event_type("FOR-DIS"))
    assert asks_notified_on(event_type("SEN-LEI"))
    assert not asks_notified_on(event_type("DIP-INI"))
    assert not asks_notified_on(event_type("CST-NOT"))


def test_three_acts_set_the_regime():
    assert {code: regime_set(kind) for code, kind in event_types().items() if regime_set(kind)} == {
        "REG-COM": "complex", "REG-ORG": "organised", "REG-ORD": "ordinary"}


def test_facts_of_2010_are_offered_the_first_article_153_and_not_129a():
    codes = [offence.code for offence in in_force(date(2010, 1, 1), date(2010, 12, 31))]
    assert "PE-153-2007" in codes and "PE-129A" not in codes


def test_facts_that_may_span_a_change_of_law_are_offered_both_texts():
    codes = {offence.code for offence in in_force(date(2021, 3, 1), date(2021, 4, 30))}
    assert {"PE-153-2014", "PE-129A"} <= codes


def test_the_last_day_of_an_article_still_has_it():
    assert "PE-153-2007" in {offence.code for offence in in_force(date(2014, 10, 21), date(2014, 10, 21))}
    assert "PE-153-2007" not in {offence.code for offence in in_force(date(2014, 10, 22), date(2014, 10, 22))}


def test_facts_without_a_date_are_offered_everything_with_what_is_in_force_first():
    found = in_force(None, None)
    assert len(found) == len(offences())
    ended = [offence.valid_to is not None for offence in found]
    assert ended == sorted(ended) and ended[-1]


def test_trafficking_is_core_and_smuggling_is_not():
    assert is_core("PE-129A") and is_core("PE-153A-2007")
    assert not is_core("PE-303A") and not is_core("PE-129C")


def test_a_penalty_that_is_not_verified_is_blank():
    assert (offences()["PE-129A"].penalty_min_years, offences()["PE-129A"].penalty_max_years) == (8, 15)
    assert offences()["PE-129H"].penalty_min_years is None
    assert offences()["PE-129NN"].article == "129-Ñ"
