// Building blocks of the page. Text only ever enters the document as text: nothing here parses HTML.

const SVG = "http://www.w3.org/2000/svg";

/** An element with properties, attributes (names with a dash, `role`, `for`), listeners (`on…`) and children. */
export function el(name, properties = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else if (key === "class") node.className = value;
    else if (key === "style") Object.assign(node.style, value);
    else if (key === "data") Object.assign(node.dataset, value);
    else if (key.includes("-") || key === "role" || key === "for") node.setAttribute(key, value);
    else node[key] = value;
  }
  node.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

/** An SVG element with attributes and children. */
export function svg(name, attributes = {}, ...children) {
  const node = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else node.setAttribute(key, value);
  }
  node.append(...children);
  return node;
}

const PATHS = {
  left: "m15 5-7 7 7 7",
  right: "m9 5 7 7-7 7",
  close: "m6 6 12 12M18 6 6 18",
  check: "m5 12.5 4.5 4.5L19 7.5",
  edit: "M4 20h4L19 9l-4-4L4 16Z",
  undo: "M9 7 4 12l5 5M4 12h10a6 6 0 0 1 0 12",
  download: "M12 4v11m-5-5 5 5 5-5M5 20h14",
  faces: "M4 8V4h4M16 4h4v4M20 16v4h-4M8 20H4v-4M9 10h.01M15 10h.01M8.5 14.5c2 2 5 2 7 0",
};

/** One of the page's line icons. */
export function icon(name, size = 20) {
  const path = svg("path", { d: PATHS[name], fill: "none", stroke: "currentColor", "stroke-width": 2, "stroke-linecap": "round", "stroke-linejoin": "round" });
  return svg("svg", { viewBox: "0 0 24 24", width: size, height: size, "aria-hidden": "true" }, path);
}

/** A button that shows only an icon; its label is read out and shown on hover. */
export function iconButton(name, label, onclick, extra = "") {
  return el("button", { type: "button", class: `icon ${extra}`, "aria-label": label, title: label, onclick }, icon(name));
}

/** Say something for a few seconds; `action` is a label and what it does. */
export function toast(text, { error = false, action = null, seconds = 6 } = {}) {
  const note = el("div", { class: error ? "toast error" : "toast" }, el("span", {}, text));
  const gone = () => note.remove();
  if (action) note.append(el("button", { type: "button", onclick: () => { gone(); action[1](); } }, action[0]));
  note.append(iconButton("close", "Close this message", gone));
  document.getElementById("toasts").append(note);
  setTimeout(gone, seconds * 1000);
  return note;
}

/** Run what a person asked for; say what went wrong, if it did. */
export async function tried(step) {
  try {
    return await step();
  } catch (error) {
    if (error.name !== "AbortError") toast(error.message, { error: true, seconds: 10 });
    return null;
  }
}

/** Replace what a node holds. */
export function fill(node, ...children) {
  node.replaceChildren(...children.flat(Infinity).filter(Boolean));
  return node;
}

const NUMBER = new Intl.NumberFormat();
const DAY = new Intl.DateTimeFormat(undefined, { dateStyle: "long", timeZone: "UTC" });
const TIME = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

/** A number with its separators, and what is counted. */
export function count(n, one, many = `${one}s`) {
  return `${NUMBER.format(n)} ${n === 1 ? one : many}`;
}

export const day = (text) => DAY.format(new Date(text));
export const time = (text) => TIME.format(new Date(text));

const UNTIL = new Intl.RelativeTimeFormat("en", { numeric: "auto" });

/** How long from now, in words. */
export function until(text) {
  const minutes = Math.max(0, (new Date(text) - Date.now()) / 60_000);
  if (minutes < 60) return UNTIL.format(Math.ceil(minutes), "minute");
  return minutes < 2880 ? UNTIL.format(Math.round(minutes / 60), "hour") : UNTIL.format(Math.round(minutes / 1440), "day");
}

/** A text that asks for one line; resolves to what was typed, or null. */
export function ask(title, { value = "", label = title, options = [], submit = "Save" } = {}) {
  return new Promise((resolve) => {
    const list = options.length ? el("datalist", { id: "ask-options" }, options.map((text) => el("option", { value: text }))) : null;
    const input = el("input", { type: "text", value, "aria-label": label, maxLength: 200, required: true });
    if (list) input.setAttribute("list", "ask-options");
    const dialog = el("dialog", { class: "ask", "aria-label": title },
      el("form", { method: "dialog", onsubmit: () => resolve(input.value.trim() || null) },
        el("h2", {}, title), input, list,
        el("div", { class: "row end" },
          el("button", { type: "button", onclick: () => dialog.close() }, "Cancel"),
          el("button", { type: "submit", class: "primary" }, submit))));
    dialog.addEventListener("close", () => { dialog.remove(); resolve(null); });
    dialog.addEventListener("keydown", (event) => event.stopPropagation());
    document.body.append(dialog);
    dialog.showModal();
    input.select();
  });
}
