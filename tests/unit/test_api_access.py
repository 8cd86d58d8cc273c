"""Who may ask the API: its one token on an embedded cloud, JWTs of an issuer elsewhere, nobody by default."""

import hashlib
import time
from dataclasses import dataclass
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from shared.services.api.access import Jwt, Nobody, OneToken, Refused, bearer, verifier_of
from shared.services.api.settings import ApiSettings
from tests.page_server import page_served

ISSUER = "https://issuer.example/pool"
AUDIENCE = "the-page"
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OTHER_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


@dataclass
class _Found:
    key: Any


class _Keys:
    """Knows one public key, as the issuer's JWKS would give it."""

    def get_signing_key_from_jwt(self, token: str) -> _Found:
        jwt.get_unverified_header(token)
        return _Found(KEY.public_key())


def token(key: rsa.RSAPrivateKey = KEY, **changed: Any) -> str:
    claims = {"iss": ISSUER, "sub": "ann", "aud": AUDIENCE, "exp": int(time.time()) + 600, **changed}
    return jwt.encode({name: value for name, value in claims.items() if value is not None}, key, "RS256")


@pytest.fixture
def verify() -> Jwt:
    return Jwt(ISSUER, AUDIENCE, _Keys())  # type: ignore[arg-type]


def test_a_jwt_that_is_signed_in_time_and_for_us_names_its_subject(verify: Jwt) -> None:
    assert verify(token()) == "ann"


def test_a_cognito_access_token_names_its_audience_as_client_id(verify: Jwt) -> None:
    assert verify(token(aud=None, client_id=AUDIENCE, token_use="access")) == "ann"


def test_the_issuers_keys_are_fetched_and_only_the_one_named_counts() -> None:
    known = {
        **RSAAlgorithm.to_jwk(KEY.public_key(), as_dict=True),
        "kid": "one",
        "use": "sig",
        "alg": "RS256",
    }
    with page_served({"/jwks.json": {"keys": [known]}}) as address:
        verify = verifier_of(
            ApiSettings(oidc_issuer=ISSUER, oidc_audience=AUDIENCE, oidc_jwks_url=f"{address}jwks.json")
        )
        claims = {"iss": ISSUER, "sub": "ann", "aud": AUDIENCE, "exp": int(time.time()) + 600}
        assert verify(jwt.encode(claims, KEY, "RS256", headers={"kid": "one"})) == "ann"
        with pytest.raises(Refused, match="sign in again"):
            verify(jwt.encode(claims, OTHER_KEY, "RS256", headers={"kid": "one"}))
        with pytest.raises(Refused, match="sign in again"):
            verify(jwt.encode(claims, KEY, "RS256", headers={"kid": "another"}))


@pytest.mark.parametrize(
    "bad",
    [
        token(OTHER_KEY),
        token(exp=int(time.time()) - 3_600),
        token(exp=None),
        token(iss="https://elsewhere.example"),
        token(aud="another-page"),
        token(aud=None),
        token(aud=["another-page"], client_id=AUDIENCE),
        token(sub=None),
        token(token_use="id"),
        jwt.encode({"iss": ISSUER, "sub": "ann", "aud": AUDIENCE, "exp": 9_999_999_999}, None, "none"),
        jwt.encode({"iss": ISSUER, "sub": "ann", "aud": AUDIENCE, "exp": 9_999_999_999}, "x" * 32, "HS256"),
        "no.jwt.at-all",
        "",
    ],
    ids=[
        "another key",
        "expired",
        "never expires",
        "another issuer",
        "another audience",
        "no audience",
        "audience wins over client id",
        "no subject",
        "an identity token",
        "not signed",
        "signed with a shared secret",
        "garbage",
        "empty",
    ],
)
def test_any_other_jwt_is_refused(verify: Jwt, bad: str) -> None:
    with pytest.raises(Refused):
        verify(bad)


def test_the_one_token_is_known_by_its_digest() -> None:
    verify = OneToken(hashlib.sha256(b"secret").hexdigest())
    assert verify("secret") == "owner"
    with pytest.raises(Refused):
        verify("guess")


def test_without_settings_nobody_may_ask() -> None:
    verify = verifier_of(ApiSettings())
    assert isinstance(verify, Nobody)
    with pytest.raises(Refused):
        verify("anything")


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer  ", "Basic YTpi", "secret"])
def test_only_a_bearer_token_in_the_header_counts(header: str | None) -> None:
    with pytest.raises(Refused, match="Authorization"):
        bearer(header)


def test_the_page_is_told_how_to_sign_in_and_nothing_secret() -> None:
    local = ApiSettings(api_token_sha256="0" * 64)
    assert local.sign_in() == {"kind": "token"}
    cloud = ApiSettings(
        oidc_issuer=ISSUER,
        oidc_audience=AUDIENCE,
        oidc_jwks_url=f"{ISSUER}/jwks",
        oidc_authorize_url="https://issuer.example/authorize",
        oidc_token_url="https://issuer.example/token",
    )
    assert cloud.sign_in()["kind"] == "oidc"
    assert cloud.sign_in()["client_id"] == AUDIENCE
