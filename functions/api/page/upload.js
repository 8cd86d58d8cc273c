// New photos: dropped anywhere or chosen, sent straight into the bucket, watched until analyzed.

import { Problem, get, post, settling } from "./api.js";
import { count, el, fill, iconButton, toast } from "./dom.js";
import { forget } from "./photos.js";

const AT_ONCE = 4;
const LOOK_EVERY = 1500;
const TYPES = { avif: "image/avif", bmp: "image/bmp", gif: "image/gif", heic: "image/heic", heif: "image/heif", jp2: "image/jp2", jpeg: "image/jpeg", jpg: "image/jpeg", png: "image/png", tif: "image/tiff", tiff: "image/tiff", webp: "image/webp" };

const typeOf = (file) => TYPES[file.name.toLowerCase().split(".").pop()] || file.type;

export function start() {
  const input = document.getElementById("files");
  const drop = document.getElementById("drop");
  document.getElementById("add").addEventListener("click", () => input.click());
  input.addEventListener("change", () => { add([...input.files]); input.value = ""; });
  let depth = 0;
  const over = (on) => { drop.hidden = !on; };
  addEventListener("dragenter", (event) => { if (event.dataTransfer?.types.includes("Files")) { depth += 1; over(true); } });
  addEventListener("dragleave", () => { depth = Math.max(0, depth - 1); if (!depth) over(false); });
  addEventListener("dragover", (event) => event.preventDefault());
  addEventListener("drop", (event) => { event.preventDefault(); depth = 0; over(false); add([...event.dataTransfer.files]); });
}

/** Send files and watch them until each is analyzed or could not be read. */
export async function add(files) {
  const photos = files.filter((file) => Object.values(TYPES).includes(typeOf(file)));
  if (photos.length < files.length) toast(`${count(files.length - photos.length, "file")} left out: no photos`, { error: true });
  if (!photos.length) return;
  const progress = new Progress(photos.length);
  const sent = [];
  const queue = [...photos];
  const next = async () => {
    for (let file = queue.shift(); file; file = queue.shift()) {
      try {
        const slot = await room(file);
        await put(slot, file);
        sent.push([slot.photo_id, file.name]);
        progress.sent += 1;
      } catch (error) {
        progress.failed.push(`${file.name}: ${error.message}`);
      }
      progress.draw();
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, photos.length) }, next));
  await watch(sent, progress);
}

let asked = new Map();
let asking = null;

/** Where to post a file; those asked for at the same moment are asked for together. */
function room(file) {
  return new Promise((resolve, reject) => {
    asked.set(file, { resolve, reject });
    asking ??= setTimeout(async () => {
      const [files, answers] = [[...asked.keys()], [...asked.values()]];
      asked = new Map();
      asking = null;
      try {
        const found = await post("uploads", { files: files.map((one) => ({ type: typeOf(one) })) });
        answers.forEach((answer, at) => answer.resolve(found.uploads[at]));
      } catch (error) {
        answers.forEach((answer) => answer.reject(error));
      }
    }, 10);
  });
}

async function put(slot, file) {
  const form = new FormData();
  for (const [name, value] of Object.entries(slot.fields)) form.append(name, value);
  form.append("file", file);
  const answer = await fetch(slot.url, { method: "POST", body: form });
  if (!answer.ok) throw new Problem(answer.status, answer.status === 400 || answer.status === 403 ? "refused: too large, or too late" : `not taken (${answer.status})`);
}

async function watch(sent, progress) {
  const names = new Map(sent);
  let waiting = [...names.keys()];
  const fresh = [];
  while (waiting.length) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY));
    const looked = await Promise.all(waiting.slice(0, 20).map((id) => get(`photos/${id}`).catch((error) => (error.status === 404 ? null : { photo_id: id, status: "unknown" }))));
    const found = looked.filter(Boolean);
    for (const photo of found) {
      if (photo.status === "analyzed") { progress.analyzed += 1; fresh.push(photo); }
      else progress.failed.push(`${names.get(photo.photo_id)}: ${photo.reason || "it could not be looked at"}`);
    }
    const done = new Set(found.map((photo) => photo.photo_id));
    waiting = waiting.filter((id) => !done.has(id));
    progress.draw();
    if (fresh.length) {
      forget();
      settling();
      dispatchEvent(new CustomEvent("photos-added", { detail: fresh.splice(0).map((photo) => ({ ...photo, at: photo.taken_at || photo.uploaded_at, tags: photo.tags.map((tag) => tag.tag) })) }));
    }
  }
  progress.done();
}

class Progress {
  constructor(total) {
    Object.assign(this, { total, sent: 0, analyzed: 0, failed: [] });
    this.node = el("div", { class: "toast progress" });
    document.getElementById("toasts").append(this.node);
    this.draw();
  }

  draw(ended = false) {
    const failed = this.failed.length;
    fill(this.node,
      el("span", {}, this.sent + failed < this.total ? `Sending ${this.sent} of ${this.total}` : this.analyzed + failed < this.total ? `Looking at ${count(this.total, "photo")}: ${this.analyzed} done` : failed && !this.analyzed ? "Nothing was added" : `${count(this.analyzed, "photo")} added`),
      el("progress", { max: this.total * 2, value: this.sent + this.analyzed + 2 * failed, "aria-label": "Photos being added" }),
      failed ? el("ul", {}, this.failed.slice(-3).map((text) => el("li", {}, text))) : null,
      ended ? iconButton("close", "Close this message", () => this.node.remove()) : null);
  }

  done() {
    this.draw(true);
    if (!this.failed.length) setTimeout(() => this.node.remove(), 5000);
  }
}
