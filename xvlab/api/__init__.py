"""The HTTP interface: schemas, routes, one error shape. Everything it does, it asks of the workspace layer."""

from .app import create_app

__all__ = ["create_app"]
