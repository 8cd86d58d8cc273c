// One person: their faces, each of which can be confirmed or said to be somebody else; and their photos.

import { get } from "./api.js";
import { ask, count, el, fill, icon, tried } from "./dom.js";
import { cutOut } from "./faces.js";
import { Grid } from "./grid.js";
import { say } from "./people.js";

export async function show(parent, { id, left }) {
  const head = el("div"), faces = el("div"), photos = el("section", {}, el("h2", {}, "Photos"));
  parent.append(head, faces, photos);
  const load = async () => draw(head, faces, await get(`people/${id}`, {}, left));
  addEventListener("people-changed", () => tried(load), { signal: left });
  await load();
  if (left.aborted) return;
  let cursor = null;
  const grid = new Grid(photos, {
    more: async () => {
      const found = await tried(() => get("photos", { person: id, cursor, limit: 300 }, left));
      cursor = found?.cursor || null;
      return { photos: found?.photos || [], done: !cursor };
    },
    open: (at) => { location.hash = `#/photo/${grid.photos[at].photo_id}`; },
  });
  left.addEventListener("abort", () => grid.close());
  grid.loadMore();
}

function draw(head, faces, person) {
  const name = async () => {
    const typed = await ask("Who is this?", { value: person.name || "", label: "Name" });
    if (typed) await say([{ kind: "name", person_id: person.person_id, name: typed }], `This is ${typed}`);
  };
  fill(head, el("div", { class: "head" },
    el("h1", {}, person.name || "Unnamed person", " ", el("small", {}, count(person.count, "face"), `, ${person.confirmed} confirmed by you`)),
    el("button", { type: "button", class: "primary", onclick: name }, person.name ? "Rename" : "Name"),
    el("button", { type: "button", onclick: () => say([{ kind: "hide", person_id: person.person_id, hidden: !person.hidden }], person.hidden ? "Shown again" : "Hidden") }, person.hidden ? "Show again" : "Hide"),
    el("a", { class: "button", href: "#/people" }, "Everybody")));
  fill(faces, el("ul", { class: "faces-of" }, person.faces.map((face) => el("li", { class: face.confirmed ? "confirmed" : "" },
    el("a", { href: `#/photo/${face.photo_id}`, "aria-label": "The photo this face is on" }, cutOut(face, 104, person.name || "A face")),
    el("div", { class: "row" },
      face.confirmed ? el("span", { class: "sure", title: "You confirmed this" }, icon("check", 16)) : el("button", { type: "button", "aria-label": "Confirm this face", title: "Yes, this is them", onclick: () => say([{ kind: "confirm", face_id: face.face_id, person_id: person.person_id }], "Confirmed") }, icon("check", 16)),
      el("button", { type: "button", "aria-label": "Not this person", title: "Not this person", onclick: () => say([{ kind: "reject", face_id: face.face_id, person_id: person.person_id }], "Noted: not this person") }, icon("close", 16)))))));
}
