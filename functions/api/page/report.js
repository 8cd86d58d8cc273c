// What a training measured, as bars from before to after.

import { el } from "./dom.js";

const percent = (value) => `${(value * 100).toFixed(1)} %`;

/** The report's facts, each measured figure before and after learning, the gate's reasons and advice. */
export function figures(report) {
  const facts = [["Photos", report.total_images], ["With your words", report.images_with_words], ["Tags given", report.total_tags], ["With faces", report.images_with_faces]].filter(([, value]) => value !== undefined);
  const measured = (report.before_after || []).filter((one) => one.before?.value != null && one.after?.value != null);
  return el("div", {},
    el("dl", { class: "numbers" }, facts.map(([name, value]) => el("div", {}, el("dd", {}, value.toLocaleString()), el("dt", {}, name)))),
    measured.length ? el("div", { class: "measured" },
      el("div", { class: "legend" }, el("span", {}, el("i", { class: "then" }), "before"), el("span", {}, el("i", { class: "after" }), "after"), el("small", {}, `measured on ${report.measured_on} photos, each by what the others taught; the line is the 95 % interval`)),
      measured.map(bar)) : null,
    el("ul", { class: "reasons" }, (report.gate?.reasons || []).map((reason) => el("li", {}, reason))),
    (report.advice || []).map((advice) => el("p", { class: "note" }, advice)));
}

function bar({ figure, before, after }) {
  const share = after.high <= 1 && before.high <= 1;
  const full = share ? 1 : Math.max(after.high, before.high) * 1.1;
  const show = (value) => (share ? percent(value) : value.toFixed(2));
  const at = (value) => `${(Math.max(0, value) / full) * 100}%`;
  const line = (kind, one) => el("span", { class: `bar ${kind}` },
    el("span", { class: "filled", style: { width: at(one.value) } }),
    el("span", { class: "interval", style: { left: at(one.low), width: at(one.high - one.low) } }));
  return el("div", { class: "figure" }, el("span", { class: "label" }, figure),
    el("span", { class: "track", role: "img", "aria-label": `${figure}: ${show(before.value)} before, ${show(after.value)} after` }, line("then", before), line("after", after)),
    el("span", { class: "values" }, `${show(before.value)} → `, el("b", {}, show(after.value))));
}
