// Sign in: a token in the page's address on the embedded cloud, authorization code with PKCE elsewhere.

import { use } from "./api.js";
import { ask } from "./dom.js";

const VERIFIER = "pkce";
const here = () => location.href.split("#")[0].split("?")[0];

const text64 = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

/** Take the token out of the address, or sign in; resolves when the API can be asked. */
export async function signIn() {
  const fragment = new URLSearchParams(location.hash.slice(1));
  const given = fragment.get("token");
  if (given) {
    history.replaceState(null, "", `${here()}#/photos`);
    use(given);
    return;
  }
  const settings = await (await fetch("sign-in")).json();
  if (settings.kind === "oidc") await withProvider(settings);
  else await withToken();
}

async function withToken() {
  let typed = null;
  while (!typed) typed = await ask("Sign in", { label: "Token", submit: "Sign in" });
  use(typed);
}

async function withProvider(settings) {
  const query = new URLSearchParams(location.search);
  const kept = JSON.parse(sessionStorage.getItem(VERIFIER) || "null");
  sessionStorage.removeItem(VERIFIER);
  if (query.get("code") && kept && query.get("state") === kept.state) {
    history.replaceState(null, "", `${here()}${kept.hash || "#/photos"}`);
    const tokens = await exchange(settings, { grant_type: "authorization_code", code: query.get("code"), redirect_uri: here(), code_verifier: kept.verifier });
    if (tokens) return;
  }
  await leave(settings);
}

async function exchange(settings, form) {
  const body = new URLSearchParams({ client_id: settings.client_id, ...form });
  const answer = await fetch(settings.token_url, { method: "POST", body });
  if (!answer.ok) return false;
  const tokens = await answer.json();
  const refresh = tokens.refresh_token || form.refresh_token;
  use(tokens.access_token, refresh ? () => exchange(settings, { grant_type: "refresh_token", refresh_token: refresh }) : null);
  return true;
}

async function leave(settings) {
  const verifier = text64(crypto.getRandomValues(new Uint8Array(48)));
  const state = text64(crypto.getRandomValues(new Uint8Array(16)));
  const challenge = text64(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier)));
  sessionStorage.setItem(VERIFIER, JSON.stringify({ verifier, state, hash: location.hash }));
  const query = new URLSearchParams({ response_type: "code", client_id: settings.client_id, redirect_uri: here(), scope: "openid", state, code_challenge: challenge, code_challenge_method: "S256" });
  location.assign(`${settings.authorize_url}?${query}`);
  await new Promise(() => {});
}
