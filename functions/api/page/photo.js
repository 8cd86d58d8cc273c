// One photo, large: before and after learning, tags, faces, what is like it; everything can be put right here.

import { get, post, thumbnail } from "./api.js";
import { ask, el, fill, icon, iconButton, time, toast, tried } from "./dom.js";
import { cutOut, frame } from "./faces.js";
import { said, say } from "./people.js";
import { forget, shown } from "./photos.js";
import { WHOSE, chip, suggestion } from "./tags.js";

const NOT_SHOWN_BY_BROWSERS = /^(HEIF|TIFF|JPEG2000)$/;
let framesOn = true;

/** Show the photo `id`. */
export async function show(parent, { id, left }) {
  const view = new PhotoView(parent, id, left);
  left.addEventListener("abort", () => view.close());
  addEventListener("people-changed", () => view.look(), { signal: left });
  await view.load();
}

class PhotoView {
  constructor(parent, id, left) {
    this.id = id;
    this.left = left;
    this.stage = el("div", { class: "stage" });
    this.side = el("aside", { class: "side", "aria-label": "About this photo" });
    parent.append(el("div", { class: framesOn ? "viewer frames" : "viewer" }, this.stage, this.side));
    this.viewer = parent.firstElementChild;
    this.said = [];
    this.asked = 0;
    this.onKey = (event) => this.key(event);
    addEventListener("keydown", this.onKey);
    document.documentElement.classList.add("still");
  }

  close() {
    removeEventListener("keydown", this.onKey);
    document.documentElement.classList.remove("still");
    this.closed = true;
  }

  async load() {
    const early = thumbnail(this.id).then((url) => { if (url && !this.photo && !this.closed) fill(this.stage, el("div", { class: "picture" }, el("img", { src: url, alt: "" })), ...this.arrows()); });
    this.photo = await get(`photos/${this.id}`, {}, this.left);
    await early;
    if (this.closed) return;
    this.draw();
    this.similar();
  }

  draw() {
    this.drawStage();
    this.drawSide();
  }

  neighbours() {
    const at = shown.findIndex((one) => one.photo_id === this.id);
    return at < 0 ? [null, null] : [shown[at - 1]?.photo_id, shown[at + 1]?.photo_id];
  }

  arrows() {
    const [before, after] = this.neighbours();
    const go = (to) => () => { location.replace(`#/photo/${to}`); };
    return [
      before && iconButton("left", "Photo before", go(before), "turn left"),
      after && iconButton("right", "Photo after", go(after), "turn right"),
      el("div", { class: "stage-tools" },
        iconButton("close", "Back to the grid", () => this.back()),
        this.photo?.faces.length ? iconButton("faces", "Show or hide faces", () => this.frames()) : null,
        this.photo?.original_url ? el("a", { class: "icon", href: this.photo.original_url, target: "_blank", rel: "noreferrer", "aria-label": "Open the original", title: "Open the original" }, icon("download")) : null),
    ].filter(Boolean);
  }

  drawStage() {
    const photo = this.photo;
    if (!photo.width) {
      fill(this.stage, el("div", { class: "empty" }, el("h2", {}, "This photo could not be read"), el("p", {}, photo.reason), el("p", {}, photo.advice)), ...this.arrows());
      return;
    }
    const direct = !NOT_SHOWN_BY_BROWSERS.test(photo.format || "");
    const image = el("img", { alt: photo.description, src: photo.thumbnail_url });
    if (direct) {
      const whole = new Image();
      whole.addEventListener("load", () => { image.src = whole.src; }, { once: true });
      whole.src = photo.original_url;
    }
    const frames = photo.faces.map((face) => frame(face, () => this.nameFace(face)));
    const picture = el("div", { class: "picture", style: { aspectRatio: `${photo.width} / ${photo.height}` } }, image, frames);
    const fit = () => {
      const { clientWidth: width, clientHeight: height } = this.stage;
      const scale = Math.min((width - 24) / photo.width, (height - 24) / photo.height);
      Object.assign(picture.style, { width: `${photo.width * scale}px`, height: `${photo.height * scale}px` });
    };
    fill(this.stage, picture, ...this.arrows());
    fit();
    this.sizes?.disconnect();
    this.sizes = new ResizeObserver(fit);
    this.sizes.observe(this.stage);
  }

  drawSide() {
    const photo = this.photo;
    fill(this.side,
      this.description(),
      photo.width ? this.tagging() : null,
      photo.faces.length ? this.people() : null,
      this.facts(),
      this.likes ||= el("section", { hidden: true }),
      this.log ||= el("section", { class: "history" }));
    this.history();
  }

  description() {
    const photo = this.photo, said = photo.described;
    const source = said ? el("span", { class: `source ${said.source}` }, said.source === "owner" ? "your words" : WHOSE[said.source]) : null;
    const before = photo.before && photo.before.description !== photo.description;
    return el("section", { class: "description" },
      el("div", { class: "row" }, source, el("span", { class: "grow" }), photo.width ? iconButton("edit", "Rewrite the description", () => this.rewrite()) : null),
      el("p", { class: "sentence" }, photo.description || "No description"),
      said?.why?.length ? el("details", { class: "reasons" }, el("summary", {}, "Why this sentence"), el("ul", {}, said.why.map((why) => el("li", {}, why)))) : null,
      before ? el("div", { class: "before" }, el("h3", {}, "Before learning"), el("p", {}, photo.before.description), el("p", { class: "words" }, photo.before.tags.slice(0, 8).map((tag) => tag.tag).join(", "))) : null);
  }

  tagging() {
    const photo = this.photo;
    const input = el("input", { type: "text", placeholder: "Add a tag", "aria-label": "Add a tag", maxLength: 100, class: "new-tag", onkeydown: (event) => { if (event.key === "Escape") input.blur(); } });
    return el("section", {},
      el("h3", {}, "Tags"),
      el("ul", { class: "tags", "aria-label": "Tags" }, photo.tags.map((tag) => chip(tag, (one) => this.say([{ kind: "remove_tag", tag: one.tag }])))),
      el("form", { class: "row", onsubmit: (event) => { event.preventDefault(); if (input.value.trim()) this.addTag(input.value); } }, input),
      photo.suggestions.length ? [
        el("h3", {}, "Suggested ", el("small", {}, el("kbd", {}, "j"), " next ", el("kbd", {}, "a"), " accept ", el("kbd", {}, "x"), " dismiss")),
        el("ul", { class: "tags suggestions", "aria-label": "Suggested tags" }, photo.suggestions.map((tag) => suggestion(tag,
          (one) => this.say([{ kind: "accept_suggestion", tag: one.tag }], one.tag),
          (one) => this.say([{ kind: "dismiss_suggestion", tag: one.tag }], one.tag))))] : null);
  }

  people() {
    const photo = this.photo;
    return el("section", {}, el("h3", {}, "People"), el("ul", { class: "on-photo" }, photo.faces.map((face) => {
      const person = face.person;
      const said = person ? (person.source === "owner" ? "you said so" : `${Math.round(person.score * 100)} % sure`) : "not known";
      return el("li", {}, cutOut({ ...face, photo_id: photo.photo_id, width: photo.width, height: photo.height }, 48, person?.name || "A face"),
        el("div", { class: "grow" }, person?.person_id ? el("a", { href: `#/person/${person.person_id}` }, person.name || "Unnamed person") : el("span", {}, person?.name || "Unknown"), el("small", {}, said)),
        el("button", { type: "button", onclick: () => this.nameFace(face) }, person?.name ? "Change" : "Name"),
        person?.person_id ? el("button", { type: "button", onclick: () => say([{ kind: "reject", face_id: face.face_id, person_id: person.person_id }], "Noted: not this person") }, "Not them") : null);
    })));
  }

  facts() {
    const photo = this.photo;
    const rows = [
      ["Taken", photo.taken_at && time(photo.taken_at)], ["Place", photo.place], ["Camera", photo.camera],
      ["Size", photo.width && `${photo.width} × ${photo.height}, ${(photo.size / 1e6).toFixed(1)} MB ${photo.format}`],
      ["File", photo.key], ["Learned with", photo.bundle || (photo.width ? "nothing yet" : null)],
    ].filter(([, value]) => value);
    return el("section", {}, el("dl", { class: "facts" }, rows.map(([name, value]) => [el("dt", {}, name), el("dd", {}, value)])), photo.notes.map((note) => el("p", { class: "note" }, note)));
  }

  async similar() {
    const found = await tried(() => get(`photos/${this.id}/similar`, { limit: 12 }, this.left));
    if (!found || this.closed || !found.hits.length) return;
    this.likes.hidden = false;
    fill(this.likes, el("h3", {}, "Similar photos"), el("ul", { class: "strip" }, found.hits.map((hit) => {
      const image = el("img", { alt: hit.description || hit.key, loading: "lazy" });
      thumbnail(hit.photo_id).then((url) => { if (url) image.src = url; });
      return el("li", {}, el("a", { href: `#/photo/${hit.photo_id}`, title: hit.why.join(" · ") }, image));
    })));
  }

  async history() {
    const mine = ++this.asked;
    const found = await get(`photos/${this.id}/corrections`).catch(() => null);
    if (!found || this.closed || mine !== this.asked) return;
    const standing = found.corrections.filter((one) => !one.undone && one.word.kind !== "undo");
    this.said = standing.map((one) => one.correction_id);
    fill(this.log, standing.length ? [el("h3", {}, "What you said"), el("ul", {}, standing.toReversed().map((one) => el("li", { class: "row" },
      el("span", { class: "grow" }, SAID[one.word.kind](one.word)), el("small", {}, time(one.at)),
      iconButton("undo", "Take this back", () => this.takeBack(one.correction_id)))))] : []);
  }

  async say(words, from = null) {
    this.asked += 1; // a history on its way is old by now
    await tried(async () => {
      const answer = await post("corrections", { photo_ids: [this.id], words });
      this.said.push(...answer.photos[0].correction_ids);
      this.corrected(answer, from);
    });
  }

  async addTag(tag) {
    await this.say([{ kind: "add_tag", tag }]);
    this.side.querySelector(".new-tag")?.focus();
  }

  async takeBack(correction) {
    this.asked += 1;
    this.said = this.said.filter((id) => id !== correction);
    await tried(async () => { this.corrected(await post("corrections/undo", { corrections: [{ photo_id: this.id, correction_id: correction }] })); toast("Taken back"); });
  }

  corrected(answer, from = null) {
    const [one] = answer.photos;
    if (one.problem) toast(one.problem, { error: true });
    if (!one.photo) return;
    const listed = [...this.side.querySelectorAll(".suggestions .suggested")].findIndex((node) => node.dataset.tag === from);
    this.photo = one.photo;
    forget();
    this.drawSide();
    if (listed >= 0) { const left = this.side.querySelectorAll(".suggestions .suggested"); left[Math.min(listed, left.length - 1)]?.focus(); }
  }

  rewrite() {
    const section = this.side.querySelector(".description");
    const area = el("textarea", { value: this.photo.description, rows: 4, maxLength: 5000, "aria-label": "Description" });
    const form = el("form", { onsubmit: (event) => { event.preventDefault(); this.say([{ kind: "set_description", text: area.value }]); } }, area,
      el("div", { class: "row end" }, el("button", { type: "button", onclick: () => this.drawSide() }, "Cancel"), el("button", { class: "primary" }, "Save")));
    section.querySelector(".sentence").replaceWith(form);
    area.focus();
  }

  async nameFace(face) {
    const people = (await get("people")).people.map((person) => person.name).filter(Boolean);
    const name = await ask("Who is this?", { value: face.person?.name || "", label: "Name", options: people });
    if (name) await tried(async () => said(await post(`photos/${this.id}/faces`, { face_id: face.face_id, name }), `This is ${name}`));
  }

  /** Draw the photo anew, as it is now. */
  async look() {
    await tried(async () => { this.photo = await get(`photos/${this.id}`, {}, this.left); this.draw(); });
  }

  frames() {
    framesOn = !framesOn;
    this.viewer.classList.toggle("frames", framesOn);
  }

  back() {
    if (history.length > 1) history.back();
    else location.hash = "#/photos";
  }

  key(event) {
    if (event.target.closest("input, textarea, dialog") || event.ctrlKey || event.metaKey || event.altKey || !this.photo) return;
    const [before, after] = this.neighbours();
    const at = event.target.closest(".suggested");
    const list = [...this.side.querySelectorAll(".suggestions .suggested")];
    const step = (by) => list[Math.max(0, Math.min(list.length - 1, list.indexOf(at) + by))]?.focus();
    const act = (button) => (at || list[0])?.querySelector(button).click();
    const does = {
      ArrowLeft: () => before && location.replace(`#/photo/${before}`),
      ArrowRight: () => after && location.replace(`#/photo/${after}`),
      Escape: () => this.back(),
      j: () => step(1), k: () => step(-1), a: () => act(".accept"), x: () => act(".dismiss"),
      t: () => this.side.querySelector(".new-tag")?.focus(),
      e: () => this.rewrite(), f: () => this.frames(),
      z: () => this.said.length && this.takeBack(this.said.at(-1)),
    }[event.key];
    if (does) { event.preventDefault(); does(); }
  }
}

const SAID = {
  add_tag: (word) => `added ${word.tag}`,
  remove_tag: (word) => `removed ${word.tag}`,
  accept_suggestion: (word) => `accepted ${word.tag}`,
  dismiss_suggestion: (word) => `dismissed ${word.tag}`,
  set_description: (word) => (word.text ? `wrote “${word.text}”` : "took the description away"),
};
