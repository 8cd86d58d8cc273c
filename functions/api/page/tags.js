// Tags as chips: whose they are, how sure, why; suggestions to accept or dismiss.

import { el, icon } from "./dom.js";

export const WHOSE = { owner: "yours", learned: "learned from your library", model: "seen by the models" };

const percent = (score) => `${Math.round(score * 100)} %`;

function label(tag) {
  const sure = tag.source === "owner" ? "" : ` ${percent(tag.score)}`;
  return `${WHOSE[tag.source]}${sure}${tag.why ? `: ${tag.why}` : ""}`;
}

/** A tag that is on the photo; its cross takes it off. */
export function chip(tag, remove) {
  const node = el("li", { class: `tag ${tag.source}`, title: label(tag) },
    el("a", { href: `#/photos?${new URLSearchParams({ q: tag.tag.includes(" ") ? `tag:"${tag.tag}"` : `tag:${tag.tag}` })}` }, tag.tag),
    tag.source === "owner" ? null : el("span", { class: "score" }, percent(tag.score)),
    remove && el("button", { type: "button", "aria-label": `Remove the tag ${tag.tag}`, onclick: () => remove(tag) }, icon("close", 14)));
  return node;
}

/** A suggested tag, to be accepted or dismissed. */
export function suggestion(tag, accept, dismiss) {
  const bar = el("i", { style: { width: `${tag.score * 100}%` } });
  return el("li", { class: "tag suggested", tabIndex: 0, title: label(tag), data: { tag: tag.tag } },
    el("span", {}, tag.tag), el("span", { class: "meter", role: "img", "aria-label": `${percent(tag.score)} sure` }, bar),
    el("button", { type: "button", class: "accept", "aria-label": `Accept the tag ${tag.tag}`, onclick: () => accept(tag) }, icon("check", 16)),
    el("button", { type: "button", class: "dismiss", "aria-label": `Dismiss the tag ${tag.tag}`, onclick: () => dismiss(tag) }, icon("close", 16)));
}
