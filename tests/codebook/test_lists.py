"""The labels of the code lists: one word for one thing in every list."""

from __future__ import annotations

import re

import pytest

from sistra.codebook.terms import Unknown, codelist, list_labels

LISTS = sorted(name for name in list_labels() if not name.startswith("ubigeo"))
SAME_LABEL = {"border_region", "offence"}
"""Lists whose rows differ by something beside the label: the department, the article and its validity."""


@pytest.mark.parametrize("name", LISTS)
def test_what_is_not_known_has_the_same_words_in_every_list(name: str) -> None:
    term = codelist(name).get(Unknown.NOT_KNOWN)
    assert term is None or (term.label_es, term.label_en) == ("No se sabe", "Not known")


@pytest.mark.parametrize("name", LISTS)
def test_gender_is_written_one_way(name: str) -> None:
    assert [term.code for term in codelist(name).values() if re.search(r"\w/(?:a|o|as|os)\b", term.label_es)] == []


@pytest.mark.parametrize("name", LISTS)
def test_every_row_has_both_labels_without_stray_spaces(name: str) -> None:
    labels = [label for term in codelist(name).values() for label in (term.label_es, term.label_en)]
    assert all(label and label == " ".join(label.split()) for label in labels)


@pytest.mark.parametrize("name", [name for name in LISTS if name not in SAME_LABEL])
def test_no_two_rows_of_a_list_read_alike(name: str) -> None:
    labels = [term.label_es for term in codelist(name).values()]
    assert len(set(labels)) == len(labels)
