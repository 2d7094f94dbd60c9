"""The page at /docs: complete, escaped, and without a request to any other host."""

import re

from xvlab.api.docs_page import docs_page


def test_page_names_every_route_and_schema(app, nobody):
    page = nobody.get("/docs/").text
    description = nobody.get("/openapi.json").json()
    assert [path for path in description["paths"] if f"<code>{path}</code>" not in page] == []
    assert [name for name in description["components"]["schemas"] if f'id="schema-{name}"' not in page] == []
    linked = set(re.findall(r'href="#([^"]+)"', page))
    assert linked <= set(re.findall(r'id="([^"]+)"', page))


def test_page_asks_no_other_host(nobody):
    answer = nobody.get("/docs")
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert re.findall(r"(?:src|href|url)\s*[=(]\s*[\"']?(?:https?:)?//", answer.text) == []
    assert "<script" not in answer.text


def test_every_route_has_a_summary(app):
    operations = [op for path in app.openapi()["paths"].values() for op in path.values()]
    assert [op["operationId"] for op in operations if not op.get("summary") or not op.get("description")] == []


def test_hostile_texts_are_escaped():
    evil = "<img src=x onerror=alert(1)>"
    operation = {"summary": evil, "description": evil, "tags": [evil], "responses": {}}
    info = {"title": evil, "version": evil, "description": evil}
    page = docs_page({"info": info, "paths": {f"/{evil}": {"get": operation}}, "components": {"schemas": {evil: {}}}})
    assert "<img" not in page
