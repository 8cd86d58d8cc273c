"""Who may ask: a token whose digest is known, or a JWT of the library's identity provider."""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Protocol

import jwt

from shared.services.api.settings import ApiSettings, api_settings

ALGORITHMS = ("RS256", "RS384", "RS512", "ES256", "ES384", "ES512")
LEEWAY_SECONDS = 30
KEYS_KEPT_SECONDS = 3_600


class Refused(Exception):
    """A request without a token that is good; the message says what to do."""


class Verifier(Protocol):
    """Says whose token it is."""

    def __call__(self, token: str) -> str:
        """The subject of a token; `Refused` where it is not good."""
        ...


@dataclass(frozen=True, slots=True)
class OneToken:
    """Knows the SHA-256 of the one token there is."""

    sha256: str

    def __call__(self, token: str) -> str:
        """The owner, where it is that token."""
        if not hmac.compare_digest(hashlib.sha256(token.encode()).hexdigest(), self.sha256):
            raise Refused("The token is not this library's: `eye up` prints the one that is")
        return "owner"


@dataclass(frozen=True, slots=True)
class Jwt:
    """Takes the JWTs of one issuer for one audience.

    Attributes
    ----------
    keys : jwt.PyJWKClient
        Fetches the issuer's public keys and keeps them.
    """

    issuer: str
    audience: str
    keys: jwt.PyJWKClient

    def __call__(self, token: str) -> str:
        """The subject of a JWT that is signed, in time, of the issuer and for the audience.

        A Cognito access token names whom it is for as ``client_id``, other issuers as ``aud``.
        """
        try:
            claims: dict[str, Any] = jwt.decode(
                token,
                self.keys.get_signing_key_from_jwt(token).key,
                algorithms=ALGORITHMS,
                issuer=self.issuer,
                leeway=LEEWAY_SECONDS,
                options={"require": ["exp", "iss", "sub"], "verify_aud": False},
            )
        except jwt.PyJWTError as error:
            raise Refused(f"The token is not good ({error}): sign in again") from error
        if claims.get("token_use", "access") != "access":
            raise Refused("The token says who somebody is, not what they may do: send the access token")
        if self.audience not in _meant_for(claims):
            raise Refused("The token is meant for another application: sign in to this one")
        return str(claims["sub"])


def _meant_for(claims: Mapping[str, Any]) -> frozenset[str]:
    named = claims.get("aud", claims.get("client_id", ()))
    return frozenset([named] if isinstance(named, str) else map(str, named))


@dataclass(frozen=True, slots=True)
class Nobody:
    """Refuses everybody: neither a token nor an issuer is set."""

    def __call__(self, token: str) -> str:  # noqa: ARG002
        """Refuse."""
        raise Refused("The API has no way to verify tokens: deploy it with ApiTokenSha256 or an issuer")


def verifier_of(given: ApiSettings) -> Verifier:
    """What a deployment verifies tokens with."""
    if given.api_token_sha256:
        return OneToken(given.api_token_sha256)
    if given.oidc_issuer and given.oidc_jwks_url and given.audience:
        keys = jwt.PyJWKClient(given.oidc_jwks_url, lifespan=KEYS_KEPT_SECONDS)
        return Jwt(given.oidc_issuer, given.audience, keys)
    return Nobody()


@lru_cache(maxsize=1)
def verifier() -> Verifier:
    """What this deployment verifies tokens with."""
    return verifier_of(api_settings())


def bearer(authorization: str | None) -> str:
    """The token of an Authorization header.

    Raises
    ------
    Refused
        Where there is none. A cookie is never looked at.
    """
    scheme, _, token = (authorization or "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Refused("A token is needed: send it as `Authorization: Bearer TOKEN`")
    return token.strip()
