// All photos, or those a search or filter finds; many can be selected and corrected at once.

import { get, post } from "./api.js";
import { ask, count, el, fill, toast, tried } from "./dom.js";
import { Grid } from "./grid.js";

const FIRST = 300;
const AT_ONCE = 2000;
const FILTERS = ["tag", "person", "place", "camera", "before", "after", "has"];

/** What the photo view goes through with the arrow keys. */
export let shown = [];

let kept = null;

/** Show the grid that `query` asks for; the one shown before is kept when it is the same. */
export async function show(parent, { query, left }) {
  const q = query.get("q") || "";
  const filters = Object.fromEntries(FILTERS.map((name) => [name, query.get(name)]));
  const address = location.hash;
  document.getElementById("q").value = q;
  const head = el("div", { class: "head" });
  const bar = el("div", { class: "selection", hidden: true });
  parent.append(head, bar);
  let cursor = null, total = null;

  const search = async () => {
    fill(head, heading("searching…", q));
    const found = await get("search", { q, limit: 500 }, left);
    fill(head, heading(count(found.total, "photo"), q), understood(found), didYouMean(found));
    return { photos: found.hits, done: true };
  };
  const narrowed = Object.entries(filters).filter(([, value]) => value).map(([name, value]) => `${name}: ${value}`).join(", ");
  const drawHead = () => fill(head, heading(count(total, "photo"), narrowed));
  const list = async () => {
    if (total === null) fill(head, heading("loading…", narrowed));
    const found = await get("photos", { ...filters, stacked: true, cursor, limit: cursor ? AT_ONCE : FIRST }, left);
    cursor = found.cursor;
    total = found.total;
    drawHead();
    return { photos: found.photos, done: !found.cursor };
  };
  const grid = new Grid(parent, {
    more: async () => {
      const found = await tried(q ? search : list);
      if (!found) return { photos: [], done: true };
      if (!found.photos.length && !grid.photos.length) nothing(parent, q);
      return found;
    },
    open: (at) => { shown = grid.photos; location.hash = `#/photo/${grid.photos[at].photo_id}`; },
    chosen: (ids) => selection(bar, grid, ids),
  });
  shown = grid.photos;
  if (kept?.address === address && kept.photos.length) {
    ({ cursor, total } = kept);
    grid.done = kept.done;
    grid.add(kept.photos);
    fill(head, ...kept.head);
    requestAnimationFrame(() => scrollTo(0, kept.scroll));
  } else {
    grid.loadMore();
  }
  const onKey = (event) => { if (event.key === "Escape" && grid.selected.size && !event.target.closest("dialog, input")) grid.clear(); };
  const onNew = (event) => {
    if (q || narrowed || grid.closed) return;
    grid.prepend(event.detail);
    total += event.detail.length;
    drawHead();
    parent.querySelector(".empty")?.remove();
  };
  addEventListener("keydown", onKey);
  addEventListener("photos-added", onNew);
  left.addEventListener("abort", () => {
    kept = { address, photos: grid.photos, cursor, total, done: grid.done, head: [...head.childNodes], scroll: scrollY };
    removeEventListener("keydown", onKey);
    removeEventListener("photos-added", onNew);
    grid.close();
  });
}

/** Forget the grid that was kept: what it showed has changed. */
export function forget() {
  kept = null;
}

function heading(text, about) {
  return el("h1", {}, about ? [el("span", { class: "about" }, about), " "] : "", el("small", {}, text));
}

function understood(found) {
  return found.understood.length ? el("p", { class: "understood" }, found.understood.map((text) => el("span", { class: "chip" }, text))) : null;
}

function didYouMean(found) {
  if (!found.did_you_mean) return null;
  return el("p", {}, "Did you mean ", el("a", { href: `#/photos?${new URLSearchParams({ q: found.did_you_mean })}` }, found.did_you_mean), "?");
}

function nothing(parent, q) {
  const text = q ? ["Nothing matches ", el("b", {}, q), ". Try fewer or other words."] : ["No photos here yet. Drop some anywhere on this page."];
  parent.append(el("div", { class: "empty" }, el("p", {}, text)));
}

function selection(bar, grid, ids) {
  bar.hidden = !ids.size;
  if (!ids.size) return;
  const say = (kind, title) => async () => {
    const tag = await ask(title, { label: "Tag", submit: title });
    if (tag) await correctAll([...ids], [{ kind, tag }], grid);
  };
  fill(bar,
    el("strong", {}, count(ids.size, "photo"), " selected"),
    el("button", { type: "button", class: "primary", onclick: say("add_tag", "Add a tag") }, "Add a tag"),
    el("button", { type: "button", onclick: say("remove_tag", "Remove a tag") }, "Remove a tag"),
    el("button", { type: "button", onclick: () => grid.clear() }, "Clear"));
}

const PART = 100;

async function correctAll(ids, words, grid) {
  await tried(async () => {
    const done = [];
    for (let at = 0; at < ids.length; at += PART) done.push(...(await post("corrections", { photo_ids: ids.slice(at, at + PART), words })).photos);
    const said = done.flatMap((one) => one.correction_ids.map((id) => ({ photo_id: one.photo_id, correction_id: id })));
    const failed = done.filter((one) => !one.correction_ids.length).length;
    grid.clear();
    toast(failed ? `${count(failed, "photo")} could not be corrected` : `${count(done.length, "photo")} corrected`, {
      error: failed > 0,
      action: ["Undo", () => tried(async () => { await post("corrections/undo", { corrections: said }); toast("Taken back"); })],
    });
  });
}
