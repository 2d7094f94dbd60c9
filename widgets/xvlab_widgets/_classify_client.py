"""Asks the API to classify one image. Dashboards never load a model themselves."""

from __future__ import annotations

import base64
import os
from dataclasses import dataclass
from typing import Any

from xvlab.errors import AuthenticationError, InvalidInputError, StorageError, XvlabError

DEFAULT_API_URL = "http://127.0.0.1:8000"
TIMEOUT_SECONDS = 60.0
_START = "Start it with: xvlab serve (or xvlab up), or set XVLAB_API_URL to where it is."


@dataclass(frozen=True, slots=True)
class Answer:
    """What the model said about one image.

    Attributes:
        labels: Label name and probability in [0, 1], the most probable first.
        version: Version of the model that answered; ``None`` when the API did not say.
    """

    labels: tuple[tuple[str, float], ...]
    version: int | None


class ClassifyClient:
    """Talks to ``POST recognition/v2/classify``.

    Args:
        url: Address of the API; empty takes ``XVLAB_API_URL``, else this machine.
        token: API token; empty takes ``XVLAB_API_TOKEN``.
    """

    def __init__(self, url: str = "", token: str = "") -> None:
        self.url = (url or os.environ.get("XVLAB_API_URL") or DEFAULT_API_URL).rstrip("/")
        self._token = token or os.environ.get("XVLAB_API_TOKEN", "")

    def classify_bytes(self, data: bytes, *, task_id: str, workspace_id: str, version: int | None = None) -> Answer:
        """Classify encoded image bytes.

        Raises:
            StorageError: The API cannot be reached.
            AuthenticationError: The token is missing or wrong.
            XvlabError: The API refused; the message is its own.
        """
        record = {"_base64": base64.b64encode(data).decode()}
        return self._ask(record, task_id=task_id, workspace_id=workspace_id, version=version)

    def classify_url(self, url: str, *, task_id: str, workspace_id: str, version: int | None = None) -> Answer:
        """Classify the image behind an address, which the API fetches; errors as in :meth:`classify_bytes`."""
        return self._ask({"_url": url}, task_id=task_id, workspace_id=workspace_id, version=version)

    def _ask(self, record: dict[str, str], *, task_id: str, workspace_id: str, version: int | None) -> Answer:
        import httpx

        body = {"task_id": task_id, "workspace": workspace_id, "version": version, "records": [record]}
        headers = {"Authorization": f"Token {self._token}"} if self._token else {}
        try:
            with httpx.Client(timeout=TIMEOUT_SECONDS, headers=headers, trust_env=False) as client:
                response = client.post(f"{self.url}/recognition/v2/classify", json=body)
                return _read(response.status_code, response.json())
        except httpx.HTTPError as problem:
            message = f"The API at {self.url} cannot be reached ({type(problem).__name__}). {_START}"
            raise StorageError(message) from problem
        except ValueError as problem:
            raise StorageError(f"What answers at {self.url} is not xvlab's API. {_START}") from problem


def _read(status: int, body: Any) -> Answer:
    if status in (401, 403):
        message = f"The API refused the token ({_said(body)}). Make one with: xvlab users token NAME"
        raise AuthenticationError(message)
    records = body.get("records") if isinstance(body, dict) else None
    if not records:
        raise XvlabError(_said(body))
    if records[0].get("_status", {}).get("code") != 200:
        raise InvalidInputError(str(records[0].get("_status", {}).get("text", "The image was refused. Try another.")))
    labels = tuple((str(row["name"]), float(row["prob"])) for row in records[0].get("labels", []))
    return Answer(labels, body.get("version"))


def _said(body: Any) -> str:
    """The reason in an answer of the API, in any of its shapes."""
    if isinstance(body, dict):
        status = body.get("status")
        text = body.get("detail") or (status.get("text") if isinstance(status, dict) else None) or body.get("message")
        return str(text or "no reason was given")
    return "no reason was given"
