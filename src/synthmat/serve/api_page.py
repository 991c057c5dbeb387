"""The interface as a page that is read without a network and without a script."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

_STYLE = """
body { font: 16px/1.55 system-ui, sans-serif; max-width: 860px; margin: 40px auto; padding: 0 20px; color: #1d1d20;
  background: #fbfbfa; }
h2 { font-size: 18px; margin: 32px 0 6px; } code, pre { font: 14px ui-monospace, monospace; }
pre { background: #f0f0ee; padding: 12px 14px; border-radius: 8px; overflow: auto; }
td { padding: 4px 14px 4px 0; vertical-align: top; border-bottom: 1px solid #e2e2e0; }
table { border-collapse: collapse; }
@media (prefers-color-scheme: dark) { body { background: #161618; color: #ececee; } pre { background: #202024; }
  td { border-color: #36363c; } a { color: #7fb0ff; } }
"""


def api_page(document: Mapping[str, Any], root_path: str) -> str:
    """Return an OpenAPI document as HTML.

    Args:
        document: What FastAPI makes of the application.
        root_path: The path under which the server is seen.
    """
    parts = [_operation(path, verb, each) for path, verbs in document["paths"].items() for verb, each in verbs.items()]
    title, version = escape(document["info"]["title"]), escape(document["info"]["version"])
    example = f"curl -F image=@photo.jpg -F output=alpha http://HOST:PORT{root_path}/api/matte -o alpha.png"
    return (
        f"<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'>"
        f"<title>{title}: interface</title><style>{_STYLE}</style><h1>{title} {version}</h1>"
        f"<p>{escape(document['info']['description'])} The same for programs: "
        f'<a href="{escape(root_path)}/openapi.json">openapi.json</a>. Errors are JSON with <code>detail</code>.</p>'
        f"<pre>{escape(example)}</pre>{''.join(parts)}</html>"
    )


def _operation(path: str, verb: str, operation: Mapping[str, Any]) -> str:
    content = operation.get("requestBody", {}).get("content", {})
    schemas = [each["schema"] for each in content.values() if "properties" in each.get("schema", {})]
    rows = [_row(name, about) for schema in schemas for name, about in schema["properties"].items()]
    table = f"<table>{''.join(rows)}</table>" if rows else ""
    return f"<h2><code>{verb.upper()} {escape(path)}</code></h2><p>{escape(operation.get('summary', ''))}</p>{table}"


def _row(name: str, about: Mapping[str, Any]) -> str:
    words = escape(about.get("description", ""))
    if about.get("default") is not None:
        words += f" Default: <code>{escape(str(about['default']))}</code>."
    kind = "file" if about.get("format") == "binary" else _kind(about)
    return f"<tr><td><code>{escape(name)}</code><td>{escape(kind)}<td>{words}"


def _kind(about: Mapping[str, Any]) -> str:
    ways = [way for way in about.get("anyOf", [about]) if way.get("type") != "null"]
    return " or ".join(", ".join(map(str, way["enum"])) if "enum" in way else str(way.get("type", "")) for way in ways)
