// Everybody in the library: name, merge, hide; and questions whose answers help most.

import { get, post } from "./api.js";
import { ask, count, el, fill, toast, tried } from "./dom.js";
import { cutOut } from "./faces.js";
import { forget } from "./photos.js";

export async function show(parent, { query, left }) {
  const page = new People(parent, query.get("hidden") === "1", left);
  addEventListener("people-changed", () => page.reload(), { signal: left });
  await page.load();
}

/** Say something of people, with a way to take it back. */
export async function say(words, text) {
  await tried(async () => said(await post("people/events", { words }), text));
}

/** Tell the owner, and whatever shows people, that something was said of them. */
export function said(kept, text) {
  forget();
  toast(text, { action: ["Undo", () => say(kept.event_ids.map((id) => ({ kind: "undo", event_id: id })), "Taken back")] });
  dispatchEvent(new Event("people-changed"));
}

class People {
  constructor(parent, hidden, left) {
    this.hidden = hidden;
    this.left = left;
    this.parent = parent;
    this.chosen = new Set();
  }

  async reload() {
    this.chosen.clear();
    await tried(() => this.load());
  }

  async load() {
    const [people, asked] = await Promise.all([get("people", { hidden: String(this.hidden) }, this.left), get("people/questions", {}, this.left)]);
    this.people = people.people;
    this.chosen = new Set([...this.chosen].filter((id) => this.people.some((person) => person.person_id === id)));
    const named = this.people.filter((person) => person.name);
    const others = this.people.filter((person) => !person.name);
    fill(this.parent,
      el("div", { class: "head" }, el("h1", {}, "People ", el("small", {}, count(this.people.length, "person", "people"), people.unassigned ? `, ${count(people.unassigned, "face")} of nobody yet` : "")),
        el("a", { class: "button", href: this.hidden ? "#/people" : "#/people?hidden=1" }, this.hidden ? "Leave hidden people out" : "Show hidden people")),
      this.bar = el("div", { class: "selection", hidden: true }),
      this.question(asked.questions),
      this.people.length ? null : el("div", { class: "empty" }, el("p", {}, "Nobody was grouped yet. People appear after the first training; faces can be named on a photo before that.")),
      named.length ? el("ul", { class: "people" }, named.map((person) => this.card(person))) : null,
      others.length ? [el("h2", {}, "Not named yet"), el("ul", { class: "people" }, others.map((person) => this.card(person)))] : null);
    this.drawBar();
  }

  question(asked) {
    if (!asked.length) return null;
    const [one] = asked;
    const whether = one.name && [null, one.name].includes(one.other_name); // one named person, and faces that may be theirs
    const answer = (same) => () => tried(async () => {
      said(await post("people/answers", { question_id: one.question_id, same }), same ? "Noted: the same person" : whether ? `Noted: not ${one.name}` : "Noted: two people");
    });
    return el("section", { class: "question", "aria-label": "A question" },
      el("div", { class: "sides" },
        el("figure", {}, el("div", { class: "faces" }, one.faces.slice(0, 3).map((face) => cutOut(face, 88, one.name || "A face"))), el("figcaption", {}, one.name || "Unnamed")),
        el("strong", {}, whether ? `Is this ${one.name}, too?` : "Same person?"),
        el("figure", {}, el("div", { class: "faces" }, one.others.slice(0, 3).map((face) => cutOut(face, 88, one.other_name || "A face"))), el("figcaption", {}, whether ? "" : one.other_name || "Unnamed"))),
      el("div", { class: "row" },
        el("button", { type: "button", class: "primary", onclick: answer(true) }, whether ? "Yes" : "Yes, the same"),
        el("button", { type: "button", onclick: answer(false) }, whether ? "No, somebody else" : "No, two people"),
        el("small", {}, count(asked.length, "question"), " left; the most useful comes first")));
  }

  card(person) {
    const label = person.name || "Unnamed person";
    const face = person.faces[0];
    return el("li", { class: this.chosen.has(person.person_id) ? "chosen" : "", data: { person: person.person_id } },
      el("a", { href: `#/person/${person.person_id}`, "aria-label": `${label}, ${count(person.count, "photo")}` }, face ? cutOut(face, 148, label) : el("span", { class: "face blank" })),
      el("button", { type: "button", class: "name", onclick: () => this.name(person) }, person.name || "Who is this?"),
      el("small", {}, count(person.count, "face"), person.hidden ? ", hidden" : ""),
      el("label", { class: "choose" }, el("input", { type: "checkbox", checked: this.chosen.has(person.person_id), "aria-label": `Choose ${label}`, onchange: (event) => this.choose(person, event.target.checked) })));
  }

  choose(person, on) {
    if (on) this.chosen.add(person.person_id); else this.chosen.delete(person.person_id);
    this.parent.querySelector(`[data-person="${person.person_id}"]`).classList.toggle("chosen", on);
    this.drawBar();
  }

  drawBar() {
    const ids = [...this.chosen];
    this.bar.hidden = !ids.length;
    if (!ids.length) return;
    const people = ids.map((id) => this.people.find((person) => person.person_id === id));
    const into = people.find((person) => person.name) || people.toSorted((one, other) => other.count - one.count)[0];
    const others = people.filter((person) => person !== into);
    const shown = people.every((person) => person.hidden);
    fill(this.bar,
      el("strong", {}, count(ids.length, "person", "people"), " chosen"),
      el("button", { type: "button", class: "primary", disabled: ids.length < 2, onclick: () => say(others.map((other) => ({ kind: "merge", person_id: into.person_id, other_id: other.person_id })), `Merged into ${into.name || "one person"}`) }, "Same person: merge"),
      el("button", { type: "button", onclick: () => say(ids.map((id) => ({ kind: "hide", person_id: id, hidden: !shown })), shown ? "Shown again" : "Hidden") }, shown ? "Show again" : "Hide"),
      el("button", { type: "button", onclick: () => this.reload() }, "Clear"));
  }

  async name(person) {
    const known = this.people.map((one) => one.name).filter(Boolean);
    const name = await ask("Who is this?", { value: person.name || "", label: "Name", options: known });
    if (!name) return;
    const same = this.people.find((one) => one.name?.toLowerCase() === name.toLowerCase() && one.person_id !== person.person_id);
    const words = same ? [{ kind: "merge", person_id: same.person_id, other_id: person.person_id }] : [{ kind: "name", person_id: person.person_id, name }];
    await say(words, same ? `Merged into ${same.name}` : `This is ${name}`);
  }
}
