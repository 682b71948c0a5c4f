"""Ordinary forms on which problems land as they do on those of the dictionary."""
from __future__ import annotations

from collections.abc import Iterable

from flask_babel import gettext
from flask_wtf import FlaskForm

from sistra.rules.problems import Problem


class LandingForm(FlaskForm):
    """Problems land on their fields, those of no field of the form on top."""

    def land(self, problems: Iterable[Problem]) -> None:
        """Puts each problem, translated, on its field."""
        for problem in problems:
            message = gettext(problem.message) % problem.params if problem.params else gettext(problem.message)
            if problem.field in self:
                self[problem.field].errors = [*self[problem.field].errors, message]
            else:
                self.form_errors.append(message)
