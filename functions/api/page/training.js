// Training: start one, watch it live, read what it measured, compare bundles, roll back.

import { get, post, settling } from "./api.js";
import { count, el, fill, time, toast, tried, until } from "./dom.js";
import { forget } from "./photos.js";
import { figures } from "./report.js";

const PHASES = [
  ["Export", "what changed, as columns", ["Plan", "ExportShards", "Count"]],
  ["Categories", "which tags go together, and which the pixels show", ["Categories"]],
  ["Descriptions", "the words that set each category apart", ["Descriptions"]],
  ["Faces", "who is who", ["Faces"]],
  ["Search index", "related words, and where photos lie among sentences", ["SearchIndex"]],
  ["Improved descriptions", "a better sentence for every photo", ["Improved"]],
  ["Report", "measure, gate, publish, promote", ["Report"]],
];
const SIDE_BY_SIDE = new Set(["Categories", "Descriptions", "Faces", "SearchIndex"]);
const LOOK_EVERY = 1000;
const OUTCOMES = { completed: "Finished, and live now", refused: "Finished, but not better: what was live stays live", nothing_new: "Nothing is new since the last training", busy: "Another training was under way", failed: "Failed: what was live stays live" };

export async function show(parent, { left }) {
  const page = new Training(parent, left);
  left.addEventListener("abort", () => page.close());
  await page.load();
}

class Training {
  constructor(parent, left) {
    this.left = left;
    this.next = el("section", { class: "card next" });
    this.live = el("section", { class: "card", hidden: true, "aria-live": "polite" });
    this.report = el("section", { class: "card", hidden: true });
    this.bundles = el("section", { class: "card" });
    this.past = el("section", { class: "card" });
    parent.append(el("div", { class: "head" }, el("h1", {}, "Training")), el("div", { class: "columns" }, el("div", {}, this.next, this.live, this.report), el("div", {}, this.bundles, this.past)));
  }

  close() {
    clearTimeout(this.timer);
    this.closed = true;
  }

  async load() {
    const [retraining, trainings, bundles] = await Promise.all([get("retraining", {}, this.left), get("trainings", {}, this.left), get("bundles", {}, this.left)]);
    if (this.closed) return;
    this.drawNext(retraining);
    this.drawPast(trainings.trainings);
    this.drawBundles(bundles);
    if (bundles.live) await this.drawReport(bundles.live);
    const running = trainings.trainings.find((one) => one.status === "RUNNING");
    if (running) this.follow(running.run_id);
  }

  drawNext(due) {
    const start = async (button) => {
      button.disabled = true;
      const started = await tried(() => post("trainings", { input: {} }));
      if (started) this.follow(started.run_id);
      else button.disabled = false;
    };
    const facts = [
      due.starts_at && ["Starts", `${time(due.starts_at)}, ${until(due.starts_at)}`],
      !due.starts_at && due.asked_at && ["Looks again", `${time(due.asked_at)}, ${until(due.asked_at)}`],
      ["Photos", count(due.photos, "photo")], ["New since the last", count(due.new_photos, "photo")],
      ["You said since", count(due.new_corrections, "correction")], ["Last training", due.trained_at ? time(due.trained_at) : "none yet"],
    ].filter(Boolean);
    fill(this.next,
      el("h2", {}, "The next training"),
      el("p", { class: "when" }, due.starts_at ? `starts by itself ${until(due.starts_at)}, unless more comes in, because:` : due.due ? "is due, because:" : "has no reason yet:"),
      el("ul", { class: "reasons" }, due.reasons.map((reason) => el("li", {}, reason))),
      el("dl", { class: "facts" }, facts.map(([name, value]) => [el("dt", {}, name), el("dd", {}, value)])),
      this.button = el("button", { type: "button", class: "primary", id: "train", onclick: (event) => start(event.currentTarget) }, "Train now"));
  }

  async follow(run) {
    clearTimeout(this.timer);
    this.button.disabled = true;
    const found = await tried(() => get(`trainings/${run}`, {}, this.left));
    if (this.closed) return;
    if (found) this.drawLive(found);
    if (!found || found.status === "RUNNING") { this.timer = setTimeout(() => this.follow(run), LOOK_EVERY); return; }
    forget();
    settling();
    this.button.disabled = false;
    await tried(() => this.load());
    if (found.outcome === "refused" && found.bundle) await this.drawReport(found.bundle);
  }

  drawLive(training) {
    this.live.hidden = false;
    const running = training.status === "RUNNING";
    fill(this.live,
      el("h2", {}, running ? "Learning…" : OUTCOMES[training.outcome] || (training.status === "SUCCEEDED" ? "Finished" : "Failed: what was live stays live")),
      training.error ? el("p", { class: "error" }, training.error) : null,
      el("ol", { class: "phases" }, PHASES.map(([name, what, words]) => this.phase(name, what, stepsOf(training.steps, words), running))),
      training.log.length ? el("details", {}, el("summary", {}, "Log"), el("pre", { tabIndex: 0 }, training.log.map((line) => line.replace(/^\S+T(\S{8})\S*/, "$1")).join("\n"))) : null);
  }

  phase(name, what, steps, running) {
    const ended = steps.length > 0 && steps.every((step) => step.ended);
    const state = !steps.length ? "waiting" : ended ? "done" : running ? "running" : "failed";
    const from = Math.min(...steps.map((step) => Date.parse(step.started)));
    const to = ended ? Math.max(...steps.map((step) => Date.parse(step.ended))) : Date.now();
    return el("li", { class: state }, el("b", {}, name), el("small", {}, what), el("span", { class: "seconds" }, steps.length ? `${((to - from) / 1000).toFixed(1)} s` : ""), el("span", { class: "sr" }, state));
  }

  drawPast(trainings) {
    fill(this.past, el("h2", {}, "Trainings"), trainings.length ? el("ul", { class: "list" }, trainings.slice(0, 12).map((one) => el("li", { class: "row" },
      el("span", { class: `dot ${one.status.toLowerCase()}` }), el("span", { class: "grow" }, time(one.started)), el("small", {}, one.status.toLowerCase()),
      el("button", { type: "button", onclick: () => this.look(one.run_id) }, "Look")))) : el("p", {}, "None yet."));
  }

  async look(run) {
    const found = await tried(() => get(`trainings/${run}`));
    if (found) { this.drawLive(found); this.live.scrollIntoView({ block: "nearest" }); }
  }

  drawBundles(bundles) {
    const roll = (version) => async () => {
      await tried(async () => {
        await post("bundles/rollback", { version });
        toast(`${version} is live`, { action: ["Bring all photos to it", () => this.reprocess()], seconds: 12 });
        forget();
        await this.load();
      });
    };
    fill(this.bundles,
      el("h2", {}, "What was learned"),
      bundles.bundles.length ? el("ul", { class: "list bundles" }, bundles.bundles.map((one) => el("li", { class: one.state },
        el("div", { class: "row" }, el("span", { class: `dot ${one.state}` }), el("code", { class: "grow" }, one.version), el("small", {}, one.state === "live" ? "in use" : one.state)),
        el("div", { class: "row" }, el("small", { class: "grow" }, `${count(Object.keys(one.files).length, "file")}, ${(one.size / 1e6).toFixed(1)} MB`),
          one.state !== "incomplete" ? el("button", { type: "button", onclick: () => this.drawReport(one.version) }, "Report") : null,
          one.state === "published" ? el("button", { type: "button", onclick: roll(one.version) }, "Make it live") : null,
          one.state === "published" && bundles.live ? el("button", { type: "button", onclick: () => this.compare(one.version, bundles.live) }, "Compare") : null)))) : el("p", {}, "Nothing yet: train once the library has photos with your words."),
      bundles.live ? el("button", { type: "button", onclick: () => this.reprocess() }, "Bring all photos to the live bundle") : null);
  }

  async reprocess() {
    if (await tried(() => post("reprocessings"))) { forget(); toast("Every photo is being brought up to the live bundle; this takes a moment"); }
  }

  async drawReport(version) {
    const found = await tried(() => get(`bundles/${encodeURIComponent(version)}/report`, {}, this.left));
    if (!found || this.closed) return;
    this.report.hidden = false;
    fill(this.report, el("div", { class: "row" }, el("h2", { class: "grow" }, "What it brought"), found.page_url ? el("a", { class: "button", href: found.page_url, target: "_blank", rel: "noreferrer" }, "Whole report") : null), figures(found.report));
  }

  async compare(first, second) {
    const found = await tried(() => get("bundles/compare", { first, second }));
    if (!found) return;
    this.report.hidden = false;
    fill(this.report, el("h2", {}, "Compared"), el("p", {}, el("code", {}, first), " with ", el("code", {}, second), " (live)"),
      el("div", { class: "scroll", tabIndex: 0, role: "region", "aria-label": "Figures that differ" }, el("table", {}, el("thead", {}, el("tr", {}, ["Figure", "before", "live"].map((name) => el("th", { scope: "col" }, name)))),
        el("tbody", {}, Object.entries(found.figures).map(([name, [one, other]]) => el("tr", {}, el("th", { scope: "row" }, name), el("td", {}, number(one)), el("td", {}, number(other))))))));
    this.report.scrollIntoView({ block: "nearest" });
  }
}

/** The steps of a phase; one of those that run side by side is told by the step around it where it has none of its own. */
function stepsOf(steps, words) {
  const own = steps.filter((step) => words.some((word) => step.name.includes(word)));
  return own.length || !SIDE_BY_SIDE.has(words[0]) ? own : steps.filter((step) => step.name === "Learn");
}

const number = (value) => (value === null ? "–" : Number.isInteger(value) ? String(value) : value.toFixed(3));
