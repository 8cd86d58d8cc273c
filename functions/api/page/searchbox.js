// The search box: suggestions while typing, Enter searches.

import { get } from "./api.js";
import { count, el, fill } from "./dom.js";

const PAUSE = 120;

export function start() {
  const form = document.getElementById("search");
  const input = document.getElementById("q");
  const list = document.getElementById("suggestions");
  let timer = null, asking = null, at = -1;

  const close = () => { list.hidden = true; at = -1; input.setAttribute("aria-expanded", "false"); input.removeAttribute("aria-activedescendant"); };
  const search = (text) => {
    close();
    input.value = text;
    input.blur(); // so that one-key commands work on what was found; "/" comes back
    location.hash = text.trim() ? `#/photos?${new URLSearchParams({ q: text.trim() })}` : "#/photos";
  };
  const mark = (step) => {
    const options = [...list.children];
    if (!options.length) return;
    at = (at + step + options.length + (at < 0 && step < 0 ? 1 : 0)) % options.length;
    options.forEach((option, index) => option.setAttribute("aria-selected", String(index === at)));
    input.setAttribute("aria-activedescendant", options[at].id);
  };
  const suggest = async () => {
    asking?.abort();
    asking = new AbortController();
    try {
      const found = await get("suggestions", { q: input.value }, asking.signal);
      fill(list, found.suggestions.map((one, index) => el("li", { id: `suggestion-${index}`, role: "option", "aria-selected": "false", data: { text: one.text }, onmousedown: (event) => { event.preventDefault(); search(one.text); } },
        el("span", { class: "kind" }, one.kind), el("span", { class: "text" }, one.text), el("span", { class: "count" }, count(one.photos, "photo")))));
      at = -1;
      list.hidden = !found.suggestions.length || document.activeElement !== input;
      input.setAttribute("aria-expanded", String(!list.hidden));
    } catch (error) {
      if (error.name !== "AbortError") close();
    }
  };

  input.addEventListener("input", () => {
    clearTimeout(timer);
    if (input.value.trim()) timer = setTimeout(suggest, PAUSE);
    else close();
  });
  input.addEventListener("blur", close);
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown") { event.preventDefault(); mark(1); }
    else if (event.key === "ArrowUp") { event.preventDefault(); mark(-1); }
    else if (event.key === "Escape") { if (list.hidden) input.blur(); close(); }
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    clearTimeout(timer);
    asking?.abort();
    search(at >= 0 && !list.hidden ? list.children[at].dataset.text : input.value);
  });
  addEventListener("hashchange", () => {
    if (document.activeElement !== input) input.value = new URLSearchParams(location.hash.split("?")[1]).get("q") || "";
  });
}
