// The page's frame: sign-in, sections by the address, search box, theme, keys that work everywhere.

import { el, fill, toast, tried } from "./dom.js";
import { signIn } from "./signin.js";
import { start as startSearch } from "./searchbox.js";
import { start as startUploads } from "./upload.js";

const main = document.getElementById("main");
const SECTIONS = {
  photos: () => import("./photos.js"),
  photo: () => import("./photo.js"),
  people: () => import("./people.js"),
  person: () => import("./person.js"),
  map: () => import("./map.js"),
  training: () => import("./training.js"),
  library: () => import("./library.js"),
};
const TITLES = { photos: "Photos", photo: "Photo", people: "People", person: "Person", map: "Map", training: "Training", library: "Library" };
const PATIENCE = 200;
const PART_OF = { photo: "photos", person: "people" };

let shown = new AbortController();
let turn = 0;

/** The section, what it is about, and its parameters, as the address says. */
function where() {
  const [path, query] = location.hash.replace(/^#\/?/, "").split("?");
  const [section, id] = path.split("/");
  return { section: SECTIONS[section] ? section : "photos", id: id ? decodeURIComponent(id) : null, query: new URLSearchParams(query) };
}

/** Show what the address says, in a node of its own: what a section left behind still awaits is drawn nowhere. */
async function show() {
  const mine = ++turn;
  const { section, id, query } = where();
  document.title = `${TITLES[section]} · Avinash-EYE`;
  for (const link of document.querySelectorAll(".sections a")) {
    if (link.dataset.section === (PART_OF[section] || section)) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  const late = setTimeout(() => { if (mine === turn) main.setAttribute("aria-busy", "true"); }, PATIENCE);
  await tried(async () => {
    const module = await SECTIONS[section]();
    if (mine !== turn) return;
    shown.abort();
    shown = new AbortController();
    document.body.dataset.section = section;
    const view = el("div", { class: "view" });
    fill(main, view);
    await module.show(view, { id, query, left: shown.signal }).catch((error) => { if (mine === turn) throw error; });
  });
  clearTimeout(late);
  if (mine === turn) main.removeAttribute("aria-busy");
}

function theme() {
  const chosen = localStorage.getItem("theme");
  if (chosen) document.documentElement.dataset.theme = chosen;
  document.getElementById("theme").addEventListener("click", () => {
    const dark = getComputedStyle(document.documentElement).colorScheme.includes("dark");
    const next = dark ? "light" : "dark";
    document.documentElement.dataset.theme = next;
    localStorage.setItem("theme", next);
  });
}

function keys() {
  const sections = ["photos", "people", "map", "training", "library"];
  let going = false;
  document.addEventListener("keydown", (event) => {
    if (event.target.closest("input, textarea, select, dialog") || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "/") { event.preventDefault(); document.getElementById("q").focus(); }
    else if (event.key === "?") help();
    else if (event.key === "g") { going = true; setTimeout(() => { going = false; }, 1000); }
    else if (going) {
      const found = sections.find((name) => name[0] === event.key);
      if (found) location.hash = `#/${found}`;
      going = false;
    }
  });
}

const KEYS = [
  ["/", "search"], ["g then p, m, t, l", "photos, map, training, library"], ["← →", "photo before, photo after"],
  ["j k", "next, previous suggestion"], ["a", "accept the suggestion"], ["x", "dismiss the suggestion"],
  ["t", "add a tag"], ["e", "rewrite the description"], ["f", "show or hide faces"], ["z", "take the last correction back"], ["Esc", "back"],
];

function help() {
  const dialog = el("dialog", { class: "ask", "aria-label": "Keys" },
    el("h2", {}, "Keys"),
    el("dl", { class: "keys" }, KEYS.map(([key, what]) => [el("dt", {}, el("kbd", {}, key)), el("dd", {}, what)])),
    el("form", { method: "dialog" }, el("button", { class: "primary" }, "Close")));
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

theme();
keys();
try {
  await signIn();
  startSearch();
  startUploads();
  addEventListener("hashchange", show);
  await show();
} catch (error) {
  fill(main, el("p", { class: "empty" }, error.message));
  toast(error.message, { error: true, seconds: 30 });
}
