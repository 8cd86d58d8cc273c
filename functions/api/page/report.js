// What a training measured, as bars from before to after.

import { el } from "./dom.js";

const percent = (value) => `${(value * 100).toFixed(1)} %`;

/** The report's facts, and each measured figure before and after learning. */
export function figures(report) {
  const facts = [["Photos", report.total_images], ["Tags", report.total_tags], ["With faces", report.images_with_faces], ["With a detailed description", report.images_with_detailed_desc]].filter(([, value]) => value !== undefined);
  const measured = pairs(report);
  return el("div", {},
    el("dl", { class: "numbers" }, facts.map(([name, value]) => el("div", {}, el("dd", {}, value.toLocaleString()), el("dt", {}, name)))),
    report.top_categories?.length ? el("p", {}, "Most frequent: ", report.top_categories.join(", ")) : null,
    measured.length ? el("div", { class: "measured" }, el("p", {}, el("small", {}, "Measured on photos held out of the training; the line is the 95 % interval.")), measured.map(bar)) : null,
    (report.reasons || report.gate?.reasons || []).map((reason) => el("p", { class: "note" }, reason)));
}

/** Every figure of the report that has a value before and after learning. */
function pairs(report) {
  const found = [];
  const look = (value, name) => {
    if (!value || typeof value !== "object" || Array.isArray(value)) return;
    const before = value.before ?? value.without, after = value.learned ?? value.after;
    if (isFigure(before) && isFigure(after)) found.push({ name, before: figure(before), after: figure(after) });
    else for (const [key, inner] of Object.entries(value)) look(inner, name ? `${name}, ${key}` : key);
  };
  look(report.measured || report.evaluation || report, "");
  return found.filter((one) => one.after.value <= 1.0001 && one.before.value <= 1.0001).slice(0, 16);
}

const isFigure = (value) => typeof value === "number" || (value && typeof value === "object" && typeof value.value === "number");
const figure = (value) => (typeof value === "number" ? { value } : { value: value.value, low: value.low, high: value.high });

function bar({ name, before, after }) {
  const mark = (kind, one) => el("span", { class: `bar ${kind}`, style: { width: percent(one.value) } });
  const interval = after.low !== undefined ? el("span", { class: "interval", style: { left: percent(after.low), width: percent(after.high - after.low) } }) : null;
  return el("div", { class: "figure" }, el("span", { class: "label" }, name.replaceAll("_", " ")),
    el("span", { class: "track", role: "img", "aria-label": `${name}: ${percent(before.value)} before, ${percent(after.value)} after` }, mark("after", after), mark("then", before), interval),
    el("span", { class: "values" }, `${percent(before.value)} → `, el("b", {}, percent(after.value))));
}
