// Where photos were taken: an own plot of coordinates that zooms and pans; nothing is asked of anybody's map server.

import { get, thumbnail } from "./api.js";
import { count, el, fill, svg } from "./dom.js";
import { outline } from "./land.js";

const CLUSTER = 56;
const MOST_ZOOM = 16;
const LAND_ZOOM = 7;

const mercator = (latitude) => 0.5 - Math.log(Math.tan(Math.PI / 4 + (Math.max(-85, Math.min(85, latitude)) * Math.PI) / 360)) / (2 * Math.PI);
const place = (longitude, latitude) => [(longitude + 180) / 360, mercator(latitude)];
const latitudeOf = (y) => (Math.atan(Math.exp((0.5 - y) * 2 * Math.PI)) * 360) / Math.PI - 90;

export async function show(parent, { left }) {
  const photos = [];
  let cursor = null;
  do {
    const found = await get("photos", { has: "gps", cursor, limit: 2000 }, left);
    photos.push(...found.photos);
    cursor = found.cursor;
  } while (cursor);
  parent.append(el("div", { class: "head" }, el("h1", {}, "Map ", el("small", {}, count(photos.length, "photo"), " with a place"))));
  if (!photos.length) {
    parent.append(el("div", { class: "empty" }, el("p", {}, "No photo says where it was taken. Photos of phones and of cameras with GPS appear here.")));
    return;
  }
  const map = new Plot(parent, photos.map((photo) => { const [x, y] = place(photo.longitude, photo.latitude); return { ...photo, x, y }; }));
  left.addEventListener("abort", () => map.close());
  map.fit();
}

class Plot {
  constructor(parent, photos) {
    this.photos = photos;
    this.land = svg("path", { class: "land" });
    this.lines = svg("svg", { class: "graticule", "aria-hidden": "true" });
    outline(place).then((path) => this.land.setAttribute("d", path), () => {});
    this.marks = el("div", { class: "marks" });
    this.node = el("div", { class: "map", tabIndex: 0, role: "application", "aria-label": "Where photos were taken. Plus and minus zoom, arrows move." }, this.lines, this.marks,
      el("div", { class: "zoom" }, el("button", { type: "button", "aria-label": "Zoom in", onclick: () => this.zoomBy(1) }, "+"), el("button", { type: "button", "aria-label": "Zoom out", onclick: () => this.zoomBy(-1) }, "−"), el("button", { type: "button", "aria-label": "Show all", onclick: () => this.fit() }, "⤢")));
    this.shown = el("div", { class: "strip-of" });
    parent.append(this.node, this.shown);
    this.sizes = new ResizeObserver(() => this.draw());
    this.sizes.observe(this.node);
    this.node.addEventListener("wheel", (event) => { event.preventDefault(); this.zoomBy(event.deltaY < 0 ? 0.5 : -0.5, event); }, { passive: false });
    this.node.addEventListener("pointerdown", (event) => this.drag(event));
    this.node.addEventListener("keydown", (event) => this.key(event));
  }

  close() {
    this.sizes.disconnect();
  }

  get scale() {
    return 256 * 2 ** this.zoom;
  }

  /** Show every photo. */
  fit() {
    const xs = this.photos.map((photo) => photo.x), ys = this.photos.map((photo) => photo.y);
    const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
    this.centre = { x: (left + right) / 2, y: (top + bottom) / 2 };
    const { clientWidth: width, clientHeight: height } = this.node;
    const fits = Math.log2(Math.min((width - 120) / Math.max(right - left, 1e-6), (height - 120) / Math.max(bottom - top, 1e-6)) / 256);
    this.zoom = Math.max(0.5, Math.min(LAND_ZOOM - 1, fits));
    this.draw();
  }

  zoomBy(by, event = null) {
    const before = this.scale;
    this.zoom = Math.max(0, Math.min(MOST_ZOOM, this.zoom + by));
    if (event) {
      const box = this.node.getBoundingClientRect();
      const dx = event.clientX - box.left - box.width / 2, dy = event.clientY - box.top - box.height / 2;
      this.centre = { x: this.centre.x + dx / before - dx / this.scale, y: this.centre.y + dy / before - dy / this.scale };
    }
    this.draw();
  }

  move(dx, dy) {
    this.centre = { x: this.centre.x + dx / this.scale, y: Math.max(0, Math.min(1, this.centre.y + dy / this.scale)) };
    this.draw();
  }

  drag(event) {
    if (event.target.closest("button, a")) return;
    let { clientX: x, clientY: y } = event;
    this.node.setPointerCapture(event.pointerId);
    const on = (moved) => { this.move(x - moved.clientX, y - moved.clientY); x = moved.clientX; y = moved.clientY; };
    this.node.addEventListener("pointermove", on);
    this.node.addEventListener("pointerup", () => this.node.removeEventListener("pointermove", on), { once: true });
  }

  key(event) {
    const step = { ArrowLeft: [-80, 0], ArrowRight: [80, 0], ArrowUp: [0, -80], ArrowDown: [0, 80] }[event.key];
    if (step) this.move(...step);
    else if (event.key === "+" || event.key === "=") this.zoomBy(1);
    else if (event.key === "-") this.zoomBy(-1);
    else return;
    event.preventDefault();
  }

  at(photo) {
    return [(photo.x - this.centre.x) * this.scale + this.node.clientWidth / 2, (photo.y - this.centre.y) * this.scale + this.node.clientHeight / 2];
  }

  draw() {
    if (this.zoom === undefined) return;
    this.graticule();
    const cells = new Map();
    for (const photo of this.photos) {
      const [x, y] = this.at(photo);
      if (x < -CLUSTER || y < -CLUSTER || x > this.node.clientWidth + CLUSTER || y > this.node.clientHeight + CLUSTER) continue;
      const cell = `${Math.round(photo.x * this.scale / CLUSTER)},${Math.round(photo.y * this.scale / CLUSTER)}`;
      if (!cells.has(cell)) cells.set(cell, []);
      cells.get(cell).push({ photo, x, y });
    }
    fill(this.marks, [...cells.values()].map((group) => this.mark(group)));
  }

  mark(group) {
    const x = group.reduce((sum, one) => sum + one.x, 0) / group.length, y = group.reduce((sum, one) => sum + one.y, 0) / group.length;
    const image = el("img", { alt: "" });
    thumbnail(group[0].photo.photo_id).then((url) => { if (url) image.src = url; });
    return el("button", { type: "button", class: "mark", "aria-label": `${count(group.length, "photo")} here`, style: { left: `${x}px`, top: `${y}px` }, onclick: () => this.open(group) }, image,
      group.length > 1 ? el("span", { class: "many" }, String(group.length)) : null,
      group[0].photo.place ? el("span", { class: "where" }, group[0].photo.place.split(",")[0]) : null);
  }

  open(group) {
    fill(this.shown, el("ul", { class: "strip" }, group.slice(0, 60).map(({ photo }) => {
      const image = el("img", { alt: photo.description || photo.key, loading: "lazy" });
      thumbnail(photo.photo_id).then((url) => { if (url) image.src = url; });
      return el("li", {}, el("a", { href: `#/photo/${photo.photo_id}` }, image));
    })));
    this.shown.scrollIntoView({ block: "nearest", behavior: "smooth" });
  }

  graticule() {
    const { clientWidth: width, clientHeight: height } = this.node;
    const spacing = [30, 15, 10, 5, 2, 1, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001].find((degrees) => (degrees / 360) * this.scale < 220) || 0.0005;
    const digits = Math.max(0, Math.ceil(-Math.log10(spacing)));
    const [left, right] = [-1, 1].map((side) => (this.centre.x + (side * width) / 2 / this.scale) * 360 - 180);
    const [top, bottom] = [-1, 1].map((side) => latitudeOf(this.centre.y + (side * height) / 2 / this.scale));
    const parts = [];
    for (let at = Math.ceil(Math.max(-180, left) / spacing); at * spacing <= Math.min(180, right); at += 1) {
      const x = ((at * spacing + 180) / 360 - this.centre.x) * this.scale + width / 2;
      parts.push(svg("path", { d: `M${x} 0V${height}` }), text(x + 4, height - 6, `${Math.abs(at * spacing).toFixed(digits)}° ${at < 0 ? "W" : "E"}`));
    }
    for (let at = Math.ceil(Math.max(-85, bottom) / spacing); at * spacing <= Math.min(85, top); at += 1) {
      const y = (mercator(at * spacing) - this.centre.y) * this.scale + height / 2;
      parts.push(svg("path", { d: `M0 ${y}H${width}` }), text(6, y - 4, `${Math.abs(at * spacing).toFixed(digits)}° ${at < 0 ? "S" : "N"}`));
    }
    // The outline is true to some ten kilometres: closer up it would mislead.
    this.land.setAttribute("visibility", this.zoom > LAND_ZOOM ? "hidden" : "visible");
    this.land.setAttribute("transform", `translate(${width / 2 - this.centre.x * this.scale} ${height / 2 - this.centre.y * this.scale}) scale(${this.scale})`);
    this.lines.replaceChildren(this.land, ...parts);
  }
}

function text(x, y, label) {
  const node = svg("text", { x, y });
  node.textContent = label;
  return node;
}
