// How the library stands: counts, its tags, and photos that could not be read.

import { get } from "./api.js";
import { count, el, time } from "./dom.js";

export async function show(parent, { left }) {
  const [health, tags] = await Promise.all([get("health", {}, left), get("tags", { limit: 120 }, left)]);
  const most = Math.max(1, ...tags.tags.map((tag) => tag.photos));
  const facts = [["Photos", health.analyzed], ["With faces", health.with_faces], ["With a place", health.located], ["Not readable", health.quarantined]];
  parent.append(
    el("div", { class: "head" }, el("h1", {}, "Library")),
    el("section", { class: "card" }, el("dl", { class: "numbers" }, facts.map(([name, value]) => el("div", {}, el("dd", {}, value.toLocaleString()), el("dt", {}, name)))),
      el("p", {}, health.live ? ["In use: ", el("code", {}, health.live)] : "Nothing was learned yet."), health.problem ? el("p", { class: "error" }, health.problem) : ""),
    el("section", { class: "card" }, el("h2", {}, "Tags"), tags.tags.length ? el("ul", { class: "cloud" }, tags.tags.map((tag) => {
      const link = el("a", { href: `#/photos?${new URLSearchParams({ tag: tag.tag })}`, title: count(tag.photos, "photo") }, tag.tag, el("small", {}, String(tag.photos)));
      link.style.fontSize = `${0.85 + 0.9 * Math.sqrt(tag.photos / most)}rem`;
      return el("li", {}, link);
    })) : el("p", {}, "None yet.")),
    el("section", { class: "card" }, el("h2", {}, "Not readable"), health.quarantine.length ? el("ul", { class: "list" }, health.quarantine.map((note) => el("li", {},
      el("div", { class: "row" }, el("code", { class: "grow" }, note.key), el("small", {}, time(note.at))), el("p", {}, note.reason), el("p", { class: "note" }, note.advice)))) : el("p", {}, "Every photo could be read.")));
}
