"""Forms of this room. What a password field holds never goes back to the browser."""
from __future__ import annotations

from collections.abc import Iterable

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import BooleanField, PasswordField, RadioField, StringField
from wtforms import Field as FormField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from sistra.rules.problems import Problem


class RoomForm(FlaskForm):
    """A form whose refusals stand at their fields."""

    def refuse(self, field: FormField, message: str) -> None:
        """Says at a field what is wrong with it."""
        field.errors = [*field.errors, message]

    def land(self, problems: Iterable[Problem]) -> None:
        """Puts each problem, translated, on its field; those of no field of this form on top."""
        for problem in problems:
            message = gettext(problem.message) % problem.params if problem.params else gettext(problem.message)
            if problem.field in self:
                self.refuse(self[problem.field], message)
            else:
                self.form_errors.append(message)


class SignInForm(RoomForm):
    username = StringField(_("Usuario"), validators=[InputRequired(_("Escriba su usuario"))])
    password = PasswordField(_("Contraseña"), validators=[InputRequired(_("Escriba su contraseña"))])


class CodeForm(RoomForm):
    code = StringField(_("Código"), validators=[InputRequired(_("Escriba el código"))])


class PasswordAgainForm(RoomForm):
    password = PasswordField(_("Contraseña"), validators=[InputRequired(_("Escriba su contraseña"))])


class NewPasswordForm(RoomForm):
    password = PasswordField(_("Contraseña nueva"), validators=[InputRequired(_("Escriba una contraseña"))])
    repeated = PasswordField(_("Repita la contraseña nueva"), validators=[InputRequired(_("Repita la contraseña"))])


class EnrolForm(NewPasswordForm):
    code = StringField(_("Código de la aplicación"),
                       validators=[InputRequired(_("Escriba el código que muestra la aplicación"))])


class ChangePasswordForm(RoomForm):
    present = PasswordField(_("Contraseña actual"), validators=[InputRequired(_("Escriba su contraseña actual"))])
    password = PasswordField(_("Contraseña nueva"), validators=[InputRequired(_("Escriba una contraseña"))])
    repeated = PasswordField(_("Repita la contraseña nueva"), validators=[InputRequired(_("Repita la contraseña"))])


class PreferencesForm(RoomForm):
    language = RadioField(_("Idioma"), choices=[SelectChoice("es", "Español"), SelectChoice("en", "English")],
                          validators=[InputRequired(_("Elija un idioma"))])
    shortcuts_off = BooleanField(_("Apagar los atajos de una sola tecla"))
