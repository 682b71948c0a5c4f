"""Which passwords are accepted: long enough and not what somebody who guesses tries first. No composition rules."""
from __future__ import annotations

from zxcvbn import zxcvbn

from sistra.rules.problems import Problem, said

PASSWORD_LENGTH = (12, 128)
_EXPECTED = tuple("""
    sistra fistrap udavit fiscal fiscalia ministerio publico mpfn policia nacional justicia trata personas denuncia
    expediente contraseña contrasena clave acceso secreto usuario admin administrador bienvenido bienvenida hola
    temporal cambiar prueba peru peruano lima callao arequipa cusco trujillo piura puno loreto tacna maldonado alianza
    universitario enero febrero marzo abril mayo junio julio agosto setiembre septiembre octubre noviembre diciembre
    """.split())  # noqa: SIM905
"""Words that somebody who guesses tries here first; the strength meter knows English ones by itself."""


def password_problems(password: str, repeated: str, username: str) -> list[Problem]:
    """What is wrong with a new password: its length, a guessable one, a slip in the repetition."""
    shortest, longest = PASSWORD_LENGTH
    if len(password) < shortest:
        return [Problem("password", said("La contraseña debe tener al menos %(length)s caracteres"),
                        {"length": shortest})]
    if len(password) > longest:
        return [Problem("password", said("La contraseña puede tener hasta %(length)s caracteres"), {"length": longest})]
    if zxcvbn(password[:72], user_inputs=[username, *_EXPECTED])["score"] < 3:
        return [Problem("password", said("Esa contraseña es fácil de adivinar: use una frase más larga o menos común"))]
    if password != repeated:
        return [Problem("repeated", said("Las dos contraseñas no coinciden"))]
    return []
