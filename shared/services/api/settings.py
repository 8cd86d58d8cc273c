"""How the API verifies tokens and the page signs people in, read from the environment once."""

from functools import lru_cache
from typing import Any

from aws_lambda_powertools.utilities import parameters
from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

AUDIENCE_KEPT_SECONDS = 3_600


class ApiSettings(BaseSettings):
    """Settings of the API; each field from the environment variable of its name in capitals.

    Attributes
    ----------
    api_token_sha256 : str
        Of the one token of an embedded cloud; empty on AWS.
    oidc_issuer, oidc_audience, oidc_jwks_url : str
        Whose JWTs are taken, meant for whom, and where the issuer's public keys are.
    oidc_audience_parameter : str
        The parameter of Systems Manager that holds the audience, where it is not given itself.
    oidc_authorize_url, oidc_token_url, oidc_logout_url : str
        Where the page signs people in (authorization code with PKCE).
    training_schedules : str
        When the rules ask whether to train, as EventBridge writes them, separated by semicolons.
    """

    model_config = SettingsConfigDict(frozen=True, extra="ignore", env_ignore_empty=True)

    api_token_sha256: str = Field(default="", pattern=r"^([0-9a-f]{64})?$")
    oidc_issuer: str = ""
    oidc_audience: str = ""
    oidc_audience_parameter: str = ""
    oidc_jwks_url: str = ""
    oidc_authorize_url: str = ""
    oidc_token_url: str = ""
    oidc_logout_url: str = ""
    training_schedules: str = ""

    @property
    def schedules(self) -> tuple[str, ...]:
        """Each of the schedules by itself."""
        return tuple(part.strip() for part in self.training_schedules.split(";") if part.strip())

    @property
    def audience(self) -> str:
        """Whom tokens are for; also the page's client id. Empty where nobody said."""
        if self.oidc_audience or not self.oidc_audience_parameter:
            return self.oidc_audience
        return str(parameters.get_parameter(self.oidc_audience_parameter, max_age=AUDIENCE_KEPT_SECONDS))

    def sign_in(self) -> dict[str, Any]:
        """What the page needs to sign somebody in; nothing secret."""
        if self.api_token_sha256 or not self.oidc_authorize_url:
            return {"kind": "token"}
        return {
            "kind": "oidc",
            "client_id": self.audience,
            "authorize_url": self.oidc_authorize_url,
            "token_url": self.oidc_token_url,
            "logout_url": self.oidc_logout_url,
        }


@lru_cache(maxsize=1)
def api_settings() -> ApiSettings:
    """The settings of this deployment."""
    return ApiSettings()
