"""The page at ``/docs``: all routes with their fields, made from the OpenAPI description. It asks no other host."""

from __future__ import annotations

import json
from functools import cache
from html import escape
from pathlib import Path
from string import Template
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.responses import HTMLResponse

_CONTENT_SECURITY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
Json = dict[str, Any]


def docs_router(app: FastAPI) -> APIRouter:
    """Make the router that serves the page of an application."""
    router = APIRouter(include_in_schema=False)

    @cache
    def page() -> str:
        return docs_page(app.openapi())

    @router.get("/docs")
    @router.get("/")
    def docs() -> HTMLResponse:
        return HTMLResponse(page(), headers={"Content-Security-Policy": _CONTENT_SECURITY})

    return router


def docs_page(openapi: Json) -> str:
    """Write the page for an OpenAPI description."""
    schemas = openapi.get("components", {}).get("schemas", {})
    groups: dict[str, list[str]] = {}
    for path, operations in openapi["paths"].items():
        for verb, operation in operations.items():
            tag = (operation.get("tags") or ["other"])[0]
            groups.setdefault(tag, []).append(_operation(verb, path, operation))
    shape = "".join(_schema(name, schema) for name, schema in sorted(schemas.items()))
    template = Template((Path(__file__).parent / "docs_page.html").read_text(encoding="utf-8"))
    return template.substitute(
        title=escape(openapi["info"]["title"]),
        version=escape(openapi["info"]["version"]),
        description=escape(openapi["info"]["description"]),
        contents=" ".join(f'<a href="#{escape(tag)}">{escape(tag)}</a>' for tag in groups),
        routes="".join(f'<h2 id="{escape(tag)}">{escape(tag)}</h2>{"".join(parts)}' for tag, parts in groups.items()),
        schemas=shape,
    )


def _operation(verb: str, path: str, operation: Json) -> str:
    rows = [
        _row(parameter["name"], parameter["schema"], parameter["in"], required=parameter.get("required", False))
        for parameter in operation.get("parameters", [])
    ]
    body = operation.get("requestBody", {}).get("content", {})
    bodies = [f"<p>Body <code>{escape(kind)}</code>: {_shape(content['schema'])}</p>" for kind, content in body.items()]
    answers = [
        f"<p>Answer {escape(status)}: {_shape(content['schema'])}</p>"
        for status, answer in operation.get("responses", {}).items()
        for content in answer.get("content", {}).values()
        if status.startswith("2")
    ]
    text = escape(operation.get("description", ""))
    return (
        f'<details><summary><b class="{escape(verb)}">{escape(verb.upper())}</b> <code>{escape(path)}</code> '
        f"<span>{escape(operation.get('summary', ''))}</span></summary><p>{text}</p>{_table(rows)}"
        f"{''.join(bodies)}{''.join(answers)}</details>"
    )


def _shape(schema: Json) -> str:
    """Name a schema by a link, or write the fields of one that has no name."""
    if "properties" in schema:
        return _properties(schema)
    return _type(schema)


def _schema(name: str, schema: Json) -> str:
    text = escape(schema.get("description", ""))
    return f'<section id="schema-{escape(name)}"><h3>{escape(name)}</h3><p>{text}</p>{_properties(schema)}</section>'


def _properties(schema: Json) -> str:
    required = schema.get("required", [])
    properties = schema.get("properties", {}).items()
    return _table([_row(name, field, "", required=name in required) for name, field in properties])


def _row(name: str, schema: Json, place: str, *, required: bool) -> str:
    default = f" = {escape(json.dumps(schema['default']))}" if schema.get("default") is not None else ""
    note = escape(schema.get("description", ""))
    mark = "required" if required else "optional"
    return (
        f"<tr><td><code>{escape(name)}</code></td><td>{_type(schema)}{default}</td>"
        f"<td>{mark} {escape(place)}</td><td>{note}</td></tr>"
    )


def _table(rows: list[str]) -> str:
    return f"<table>{''.join(rows)}</table>" if rows else ""


def _type(schema: Json) -> str:
    if "$ref" in schema:
        name = escape(schema["$ref"].rpartition("/")[2])
        return f'<a href="#schema-{name}">{name}</a>'
    if "anyOf" in schema:
        return " or ".join(_type(choice) for choice in schema["anyOf"])
    if "enum" in schema:
        return " | ".join(f"<code>{escape(json.dumps(value))}</code>" for value in schema["enum"])
    if schema.get("type") == "array":
        return f"list of {_type(schema.get('items', {}))}"
    return escape(str(schema.get("format") or schema.get("type") or "anything"))
