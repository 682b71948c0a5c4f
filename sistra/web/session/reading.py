"""Pages that anybody may read: whether the service answers, its accessibility, its keys and words."""
from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

from flask import Response, current_app, render_template
from flask_babel import gettext as _

from sistra.web.guards import public
from sistra.web.session.room import bp


@cache
def version(root: str) -> str:
    """The version that the project's file names; empty where only the package was installed."""
    project = Path(root).parent / "pyproject.toml"
    return str(tomllib.loads(project.read_text(encoding="utf-8"))["project"]["version"]) if project.exists() else ""


@bp.get("/estado")
@public
def health() -> Response:
    """Answers as long as the process does; asks nothing of the database."""
    return Response(f"ok {version(current_app.root_path)}".rstrip() + "\n", mimetype="text/plain")


@bp.get("/accesibilidad")
@public
def accessibility() -> str:
    return render_template("session/accessibility.html", heading=_("Accesibilidad"))


@bp.get("/ayuda", endpoint="help")
@public
def help_page() -> str:
    return render_template("session/help.html", heading=_("Ayuda"), keys=_keys(), words=_words())


def _keys() -> list[tuple[str, str]]:
    return [
        ("/", _("Ir al cuadro de búsqueda")), ("n", _("Nueva denuncia, donde la página la ofrece")),
        ("e", _("Registrar una actuación, dentro de una denuncia")), ("Ctrl + S", _("Guardar lo escrito sin enviarlo")),
        (_("Ctrl + Intro"), _("Pulsar el botón principal del formulario")),
        ("?", _("Abrir esta ayuda"))]


def _words() -> list[tuple[str, str]]:
    return [
        (_("Denuncia"), _("El caso tal como lo lleva la fiscalía. Tiene un número propio de este sistema.")),
        (_("Carpeta fiscal"), _("El número que la fiscalía da al caso en su propio registro.")),
        (_("Expediente"), _("El proceso en el juzgado o la sala. Puede reunir varias denuncias.")),
        (_("Agraviada o agraviado"), _("La persona contra quien se cometió el delito. Se la nombra con un código "
                                       "(A-1, A-2); su identidad está reservada.")),
        (_("Imputada o imputado"), _("La persona a quien se atribuye el delito, esté o no identificada.")),
        (_("Imputación"), _("Un delito atribuido a una persona imputada, con su grado y su forma de participación.")),
        (_("Actuación"), _("Un acto con fecha: disposición, diligencia, requerimiento, resolución.")),
        (_("Medida"), _("Medida de coerción o de protección, con su vigencia.")),
        (_("Despacho"), _("La fiscalía o unidad que lleva el caso.")),
        (_("Derivación"), _("El ofrecimiento de una denuncia: a una entidad, para que vea lo que se comparte con ella; a otra "
                            "fiscalía, para que la lleve. Quien la recibe acepta o declina.")),
        (_("Sin identidades, completo"), _("Hasta dónde se comparte: sin nombres ni documentos, o también con la identidad de "
                                           "personas adultas, que se revela con un motivo.")),
        (_("Cifras redondeadas"), _("Las que se dan fuera de la fiscalía: múltiplos de 5, para que un número pequeño no señale a "
                                    "nadie.")),
        (_("Bitácora"), _("El registro de quién consultó, cambió o descargó qué, cuándo y por qué. No se puede alterar.")),
        (_("No se sabe (NSP)"), _("Se preguntó y no se pudo saber. Es una respuesta y se cuenta como tal.")),
        (_("No corresponde"), _("La pregunta no se aplica a este caso.")),
        (_("Sin dato"), _("Nadie ha respondido todavía. Figura entre lo que falta completar.")),
        (_("Reservado"), _("El dato existe, pero no está abierto para usted, o falta revelarlo con un motivo."))]
