"""Settings of one home: variables ``XVLAB_*`` first, then ``xvlab.toml`` in the home folder, then defaults."""

from __future__ import annotations

import os
from pathlib import Path

from pydantic import Field, ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from xvlab.errors import ConfigurationError

DEFAULT_HOME = Path("~/.xvlab")


class Settings(BaseSettings):
    """All settings; each one may be given as ``XVLAB_<NAME>`` or as ``<name>`` in ``xvlab.toml``."""

    model_config = SettingsConfigDict(env_prefix="XVLAB_", extra="forbid", frozen=True)

    home: Path = Field(description="Folder that holds the database, the blobs, the jobs and the logs.")
    database_url: str = Field("", description="SQLAlchemy URL; empty means SQLite in the home folder.")
    blob_url: str = Field("", description="s3://bucket/prefix or file:// URL; empty means a folder in the home folder.")
    host: str = Field("127.0.0.1", description="Address on which the API and the dashboards listen.")
    port: int = Field(8866, ge=1, le=65535, description="Port of the dashboards.")
    api_port: int = Field(8000, ge=1, le=65535, description="Port of the API.")
    max_image_pixels: int = Field(50_000_000, ge=1, description="Images with more pixels are refused.")
    max_image_bytes: int = Field(100_000_000, ge=1, description="Image files with more bytes are refused.")
    job_slots: int = Field(1, ge=1, description="Jobs that run at the same time.")
    job_threads: int = Field(0, ge=0, description="CPU threads of one job; 0 means all cores divided by job_slots.")
    job_timeout_seconds: float = Field(86_400.0, gt=0, description="A job that runs longer is stopped.")
    lease_seconds: float = Field(15.0, gt=0, description="A job without heartbeat for this long is started again.")
    kernel_idle_seconds: int = Field(600, ge=10, description="A dashboard kernel nobody looks at ends after this.")
    preheated_kernels: int = Field(1, ge=0, description="Kernels kept ready for each page; 0 starts them on demand.")
    allowed_url_hosts: tuple[str, ...] = Field((), description="Private hosts from which images may be fetched by URL.")
    hub_offline: bool = Field(default=False, description="Never ask a model hub; use local folders and its cache only.")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Order of the sources, highest first: arguments, environment, ``xvlab.toml``."""
        del dotenv_settings, file_secret_settings
        home = init_settings().get("home") or os.environ.get("XVLAB_HOME") or DEFAULT_HOME
        toml = TomlConfigSettingsSource(settings_cls, Path(home).expanduser() / "xvlab.toml")
        return init_settings, env_settings, toml

    @property
    def effective_database_url(self) -> str:
        """The database that is really used."""
        return self.database_url or f"sqlite:///{self.home / 'xvlab.db'}"

    @property
    def effective_blob_url(self) -> str:
        """The blob store that is really used."""
        return self.blob_url or (self.home / "blobs").as_uri()


def load_settings(home: Path | str | None = None) -> Settings:
    """Read the settings of a home folder; the folder itself need not exist yet.

    Args:
        home: The home folder; ``None`` takes ``XVLAB_HOME`` or ``~/.xvlab``.

    Raises:
        ConfigurationError: A setting is unknown or has a wrong value.
    """
    chosen = Path(home or os.environ.get("XVLAB_HOME") or DEFAULT_HOME).expanduser().resolve()
    try:
        return Settings(home=chosen)
    except ValidationError as error:
        problems = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        message = f"Wrong settings for {chosen}: {problems}. Correct the XVLAB_* variables or xvlab.toml."
        raise ConfigurationError(message) from error
