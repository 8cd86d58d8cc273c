// A justified grid of any length: rows are laid out from aspect ratios alone, only those in sight are drawn.

import { thumbnail } from "./api.js";
import { el } from "./dom.js";

const GAP = 4;
const AHEAD = 1200;

const targetHeight = (width) => (width < 600 ? 130 : width < 1100 ? 190 : 230);

/** Rows of `photos` from index `first` on, each as high as fits the width. */
export function rowsOf(photos, width, first = 0, top = 0) {
  const target = targetHeight(width);
  const rows = [];
  let start = first, ratios = 0;
  for (let at = first; at < photos.length; at += 1) {
    ratios += ratio(photos[at]);
    const inner = width - GAP * (at - start);
    if (ratios * target >= inner || at === photos.length - 1) {
      const height = Math.min(inner / ratios, at === photos.length - 1 ? target : Infinity);
      rows.push({ start, end: at + 1, top, height });
      top += height + GAP;
      start = at + 1;
      ratios = 0;
    }
  }
  return rows;
}

const ratio = (photo) => Math.min(4, Math.max(0.4, (photo.width || 4) / (photo.height || 3)));

/** A grid in `parent`; `more` brings the next photos, `open` and `chosen` hear what is clicked and selected. */
export class Grid {
  constructor(parent, { more, open, chosen }) {
    this.photos = [];
    this.selected = new Set();
    this.rows = [];
    this.drawn = new Map();
    this.done = false;
    this.loading = false;
    this.more = more;
    this.open = open;
    this.chosen = chosen || (() => {});
    this.node = el("div", { class: "grid", role: "list", "aria-label": "Photos" });
    parent.append(this.node);
    this.onScroll = () => { this.frame ??= requestAnimationFrame(() => { this.frame = null; this.draw(); }); };
    addEventListener("scroll", this.onScroll, { passive: true });
    this.sizes = new ResizeObserver(() => { if (this.node.clientWidth !== this.width) this.layOut(); });
    this.sizes.observe(this.node);
    this.node.addEventListener("click", (event) => this.onClick(event));
    this.node.addEventListener("keydown", (event) => this.onKey(event));
  }

  /** Stop listening; the grid is about to leave the page. */
  close() {
    removeEventListener("scroll", this.onScroll);
    this.sizes.disconnect();
    this.closed = true;
  }

  /** Add photos at the end. */
  add(photos) {
    const from = this.rows.length ? this.rows.at(-1).start : 0;
    this.photos.push(...photos);
    this.layOut(from);
  }

  /** Put photos at the beginning. */
  prepend(photos) {
    this.photos.unshift(...photos);
    this.layOut();
  }

  /** Lay the rows out anew from the row that begins at photo `from`. */
  layOut(from = 0) {
    this.width = this.node.clientWidth;
    if (!this.width) return;
    if (!from) { this.drawn.forEach((node) => node.remove()); this.drawn.clear(); this.rows = []; }
    else {
      while (this.rows.length && this.rows.at(-1).start >= from) this.rows.pop();
      this.drawn.forEach((node, at) => { if (at >= from) { node.remove(); this.drawn.delete(at); } });
    }
    const last = this.rows.at(-1);
    this.rows.push(...rowsOf(this.photos, this.width, from, last ? last.top + last.height + GAP : 0));
    const end = this.rows.at(-1);
    this.node.style.height = `${end ? end.top + end.height : 0}px`;
    this.draw();
  }

  /** Draw the rows in sight and a little around them, remove the others. */
  draw() {
    if (this.closed) return;
    const offset = this.node.getBoundingClientRect().top;
    const from = -offset - AHEAD, to = -offset + innerHeight + AHEAD;
    let low = 0, high = this.rows.length;
    while (low < high) { const middle = (low + high) >> 1; if (this.rows[middle].top + this.rows[middle].height < from) low = middle + 1; else high = middle; }
    const wanted = new Set();
    for (let at = low; at < this.rows.length && this.rows[at].top < to; at += 1) this.drawRow(this.rows[at], wanted);
    this.drawn.forEach((node, at) => { if (!wanted.has(at)) { node.remove(); this.drawn.delete(at); } });
    const end = this.rows.at(-1);
    if (!this.done && !this.loading && (!end || end.top < to + 2 * innerHeight)) this.loadMore();
  }

  drawRow(row, wanted) {
    let left = 0;
    for (let at = row.start; at < row.end; at += 1) {
      const photo = this.photos[at];
      const width = ratio(photo) * row.height;
      wanted.add(at);
      if (!this.drawn.has(at)) {
        const tile = this.tile(photo, at);
        Object.assign(tile.style, { transform: `translate(${left}px, ${row.top}px)`, width: `${width}px`, height: `${row.height}px` });
        this.drawn.set(at, tile);
        this.node.append(tile);
      }
      left += width + GAP;
    }
  }

  tile(photo, at) {
    const image = el("img", { alt: photo.description || photo.key, decoding: "async" });
    image.addEventListener("load", () => image.classList.add("there"), { once: true });
    thumbnail(photo.photo_id).then((url) => { if (url) image.src = url; });
    const why = photo.why?.length ? el("span", { class: "why" }, photo.why.slice(0, 2).join(" · ")) : null;
    const also = photo.also?.length ? el("span", { class: "also", title: "Near-duplicates kept together" }, `+${photo.also.length}`) : null;
    return el("div", { class: this.selected.has(photo.photo_id) ? "tile selected" : "tile", role: "listitem", data: { at } },
      el("a", { href: `#/photo/${photo.photo_id}`, "aria-label": photo.description || photo.key, tabIndex: 0 }, image),
      el("button", { type: "button", class: "pick", "aria-label": `Select ${photo.description || photo.key}`, "aria-pressed": String(this.selected.has(photo.photo_id)) }),
      also, why);
  }

  onClick(event) {
    const tile = event.target.closest(".tile");
    if (!tile) return;
    const at = Number(tile.dataset.at);
    if (event.target.closest(".pick") || this.selected.size) {
      event.preventDefault();
      this.pick(at, event.shiftKey);
    } else if (!event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      this.open(at);
    }
  }

  onKey(event) {
    const tile = event.target.closest(".tile");
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!tile || !step || event.altKey) return;
    event.preventDefault();
    this.focus(Number(tile.dataset.at) + step);
  }

  /** Bring a photo into sight and focus it. */
  focus(at) {
    const row = this.rows.find((one) => at >= one.start && at < one.end);
    if (!row) return;
    const top = this.node.getBoundingClientRect().top + row.top;
    if (top < 80 || top + row.height > innerHeight) scrollBy({ top: top - innerHeight / 3 });
    this.draw();
    this.drawn.get(at)?.querySelector("a").focus({ preventScroll: true });
  }

  /** Select or deselect a photo with its near-duplicates; with `through`, all between the last one picked and this. */
  pick(at, through = false) {
    const on = !this.selected.has(this.photos[at].photo_id);
    const [from, to] = through && this.last !== undefined ? [Math.min(at, this.last), Math.max(at, this.last)] : [at, at];
    for (let one = from; one <= to; one += 1) {
      for (const id of [this.photos[one].photo_id, ...(this.photos[one].also || [])]) {
        if (on) this.selected.add(id); else this.selected.delete(id);
      }
      this.mark(one, on);
    }
    this.last = at;
    this.chosen(this.selected);
  }

  mark(at, on) {
    const tile = this.drawn.get(at);
    tile?.classList.toggle("selected", on);
    tile?.querySelector(".pick").setAttribute("aria-pressed", String(on));
  }

  /** Deselect everything. */
  clear() {
    this.selected.clear();
    this.drawn.forEach((_, at) => this.mark(at, false));
    this.chosen(this.selected);
  }

  async loadMore() {
    if (this.loading || this.done) return;
    this.loading = true;
    try {
      const found = await this.more();
      if (this.closed) return;
      this.done = found.done;
      this.loading = false;
      this.add(found.photos);
    } finally {
      this.loading = false;
    }
  }
}
