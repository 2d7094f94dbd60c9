"""Bodies of requests. Unknown fields are refused, save where clients are promised that they may send their own."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

MAX_RECORDS = 10
Text = Annotated[str, BeforeValidator(lambda value: "" if value is None else value)]


class Request(BaseModel):
    """Base of all bodies; ``workspace`` is an id, a name, or absent for the default."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    workspace: str | None = Field(None, description="Id or name; absent or Default means the default workspace.")


class NewTask(Request):
    """A task to make."""

    name: str
    type: str = Field("multi_class", description="Kind of the task.")
    description: Text = ""


class NewLabel(Request):
    """A label to make; clients may send fields of their own, which are passed over."""

    model_config = ConfigDict(extra="ignore")

    name: str
    type: str = Field("category", description="Kind of the label.")
    output_name: Text = ""
    description: Text = ""
    color: Text = ""


class LabelReference(Request):
    """A label to put on, or to take off."""

    label_id: str
    value: float | None = Field(None, description="Number of a value label.")


class NewImage(Request):
    """An image as JSON."""

    base64: str = Field(description="The file's bytes in base64, with or without data:image/…;base64, before them.")
    name: Text = Field("", description="Name of the file, for people.")
    noresize: bool = Field(default=False, description="Accepted for clients; images are always kept as they are.")
    test_image: bool = Field(default=False, description="Keep it out of training and measure on it.")
    real: bool = Field(default=True, description="A photo from life; false for a product on plain ground.")
    meta_data: dict[str, Any] | None = None


class ImageChange(Request):
    """What to change of an image."""

    meta_data: dict[str, Any] | None = Field(None, description="Replaces the meta data.")
    test_image: bool | None = Field(None, description="Moves it into or out of the test images.")


class TrainRequest(Request):
    """Options of a training; nothing at all is fine."""

    options: dict[str, Any] = Field(default_factory=dict, description="Fields of TrainConfig, each optional.")
    promote: bool = Field(default=False, description="Put the new version into production when it is done.")


class VersionReference(Request):
    """A version of a task's model."""

    version: int = Field(ge=1)


class Record(BaseModel):
    """One image of a request; the other fields come back as they were sent."""

    model_config = ConfigDict(extra="allow", populate_by_name=True)

    base64: str | None = Field(None, alias="_base64", description="The file's bytes in base64.")
    url: str | None = Field(None, alias="_url", description="An address from which the server fetches the image.")

    def echo(self) -> dict[str, Any]:
        """Return what comes back: everything but the bytes and the local path that clients leave in ``_file``."""
        kept = {name: value for name, value in (self.model_extra or {}).items() if name != "_file"}
        return {**kept, "_url": self.url} if self.url is not None else kept


class ClassifyRequest(Request):
    """Images to classify; clients may send fields of their own, which are passed over."""

    model_config = ConfigDict(extra="ignore")

    records: list[Record] = Field(description=f"1 to {MAX_RECORDS} images.")
    task_id: str | None = Field(None, description="Id of the task.")
    task: str | None = Field(None, description="Another name of task_id.")
    version: int | None = Field(None, description="Version of the model; absent means the one in production.")
    store_images: bool | None = Field(None, description="Not offered: upload what is to be kept.")


class AuthorizeRequest(BaseModel):
    """What a client asks before it starts; only the token in the header counts."""

    model_config = ConfigDict(extra="ignore")

    service: str = ""
    call_type: str = "authenticate"
