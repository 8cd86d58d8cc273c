// The API as the page asks it. The token lives in this module's memory and nowhere else.

const BASE = new URL("./", location.href.split("#")[0]);
const THUMBNAILS_AT_ONCE = 100;
const THUMBNAIL_MINUTES = 25;

const SETTLED = 2000; // milliseconds; other processes of the API may answer as of a second ago

let token = null;
let renew = null;
let wrote = -SETTLED;

/** Use a token from now on; `renewed` gives another where this one has run out. */
export function use(given, renewed = null) {
  token = given;
  renew = renewed;
}

export const signedIn = () => token !== null;

/** What a refused or failed request says. */
export class Problem extends Error {
  constructor(status, detail) {
    super(detail);
    this.status = status;
  }
}

async function send(path, options) {
  const headers = { Authorization: `Bearer ${token}`, ...(options.body ? { "Content-Type": "application/json" } : {}), ...(performance.now() - wrote < SETTLED ? { "Cache-Control": "no-cache" } : {}) };
  try {
    return await fetch(new URL(path, BASE), { ...options, headers });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Problem(0, "The library does not answer: is it still running?");
  }
}

async function request(path, options = {}) {
  let answer = await send(path, options);
  if (answer.status === 401 && renew && (await renew())) answer = await send(path, options);
  const body = (answer.headers.get("Content-Type") || "").includes("json") ? await answer.json() : null;
  if (!answer.ok) throw new Problem(answer.status, body?.detail || body?.Message || `The request failed (${answer.status}): try again`);
  return body;
}

/** Ask for something; parameters that are null are left out. */
export function get(path, parameters = {}, signal = undefined) {
  const given = Object.entries(parameters).filter(([, value]) => value !== null && value !== undefined && value !== "");
  const query = new URLSearchParams(given);
  return request(given.length ? `${path}?${query}` : path, { signal });
}

/** Say something. */
export async function post(path, body = {}) {
  try {
    return await request(path, { method: "POST", body: JSON.stringify(body) });
  } finally {
    settling();
  }
}

/** Something was written: what is asked next is to be answered with it. */
export function settling() {
  wrote = performance.now();
}

const known = new Map();
let waiting = new Map();
let flushing = null;

async function flush() {
  flushing = null;
  const asked = waiting;
  waiting = new Map();
  const ids = [...asked.keys()];
  for (let at = 0; at < ids.length; at += THUMBNAILS_AT_ONCE) {
    const part = ids.slice(at, at + THUMBNAILS_AT_ONCE);
    let found = {};
    try {
      found = (await get("thumbnails", { ids: part.join(",") })).thumbnails;
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
    }
    const until = Date.now() + THUMBNAIL_MINUTES * 60_000;
    for (const id of part) {
      if (found[id]) known.set(id, { url: found[id], until });
      asked.get(id).forEach((resolve) => resolve(found[id] || null));
    }
  }
}

/** The address of a thumbnail, asked for together with the others of this moment; null where there is none. */
export function thumbnail(id) {
  const had = known.get(id);
  if (had && had.until > Date.now()) return Promise.resolve(had.url);
  return new Promise((resolve) => {
    waiting.set(id, [...(waiting.get(id) || []), resolve]);
    flushing ??= setTimeout(flush, 20);
  });
}
