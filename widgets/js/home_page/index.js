// The hands of xvlab_widgets/home_page.py: cards with links.

import { button, errorArea, h, observe, replace } from "../shared/dom.js";
import { appLink } from "../shared/links.js";
import { percent } from "../shared/words.js";

/** @typedef {{ id: string, name: string, labels: string[], labelled: number, total: number, production_version: number | null, last_version: number | null, accuracy: number | null, measured_on: string }} TaskCard */

const CHIPS = /** @type {Record<string, string>} */ ({ queued: "xv-warn", running: "xv-accent", succeeded: "xv-good", failed: "xv-bad", cancelled: "" });
const WORDS = /** @type {Record<string, string>} */ ({ queued: "waiting", running: "running", succeeded: "done", failed: "failed", cancelled: "cancelled" });

/** @param {TaskCard} task */
function taskCard(task) {
  const share = task.total ? (100 * task.labelled) / task.total : 0;
  const query = { task: task.id };
  const shown = task.labels.slice(0, 6);
  return h("article", { class: "xv-card xv-stack xv-home-card", "data-task": task.id },
    h("div", { class: "xv-row xv-spread xv-nowrap" }, h("h3", { class: "xv-break" }, task.name),
      task.production_version ? h("span", { class: "xv-chip xv-good" }, `v${task.production_version} in production`) : task.last_version ? h("span", { class: "xv-chip xv-warn" }, `v${task.last_version}, not in production`) : h("span", { class: "xv-chip xv-plain" }, "not trained")),
    h("div", { class: "xv-row xv-home-labels" }, ...shown.map((name) => h("span", { class: "xv-chip xv-plain" }, name)), task.labels.length > shown.length && h("span", { class: "xv-muted xv-small" }, `and ${task.labels.length - shown.length} more`), !task.labels.length && h("span", { class: "xv-muted xv-small" }, "no labels yet")),
    h("div", {}, h("div", { class: "xv-bar", role: "img", "aria-label": `${Math.round(share)} % labelled` }, h("i", { style: { width: `${share}%` } })),
      h("p", { class: "xv-muted xv-small xv-number" }, `${task.labelled.toLocaleString()} of ${task.total.toLocaleString()} images labelled`)),
    task.accuracy !== null && h("p", {}, h("strong", { class: "xv-number" }, percent(task.accuracy)), h("span", { class: "xv-muted" }, ` accuracy of v${task.last_version} on ${task.measured_on} images`)),
    h("div", { class: "xv-row xv-home-links" }, appLink("Annotate", "annotate", query, { "data-xv": "annotate" }), appLink("Train", "train", query, { "data-xv": "train" }),
      task.last_version && appLink("Evaluate", "evaluate", query, { "data-xv": "evaluate" }), task.last_version && appLink("Test", "test", query, { "data-xv": "test" })));
}

/** @param {import("../shared/types.js").RenderContext} context */
function render({ model, el }) {
  const error = errorArea(model);
  const title = h("h2", {});
  const facts = h("p", { class: "xv-muted xv-number" });
  const cards = h("div", { class: "xv-home-cards" });
  const jobs = h("div", { class: "xv-card xv-stack" });
  el.append(h("div", { class: "xv-stack xv-home" }, h("div", { class: "xv-row" }, h("div", { class: "xv-grow" }, title, facts), button("Refresh", () => model.send({ action: "refresh" }), { class: "xv-quiet" })), cards, jobs, error.area));
  const show = () => {
    const { name = "", images = 0, test_images = 0 } = model.get("summary");
    const tasks = /** @type {TaskCard[]} */ (model.get("tasks"));
    title.textContent = name;
    facts.textContent = `${images.toLocaleString()} ${images === 1 ? "image" : "images"}, ${test_images.toLocaleString()} of them for tests; ${tasks.length} ${tasks.length === 1 ? "task" : "tasks"}`;
    replace(cards, ...tasks.map(taskCard));
    cards.classList.toggle("xv-is-empty", !tasks.length);
    if (!tasks.length) replace(cards, h("div", { class: "xv-card xv-empty" }, h("h3", {}, "Nothing here yet"), h("p", {}, "Make a task below and drop images on it, or import a folder whose sub-folders are the labels:"), h("code", {}, "xvlab import DIR --task NAME")));
    const rows = /** @type {Array<{ id: string, title: string, state: string, when: string }>} */ (model.get("jobs"));
    jobs.hidden = !rows.length;
    replace(jobs, h("h3", {}, "Recent runs"), h("ul", { class: "xv-home-jobs" }, ...rows.map((row) => h("li", { class: "xv-row" }, h("span", { class: `xv-chip ${CHIPS[row.state] ?? ""}` }, WORDS[row.state] ?? row.state), h("span", { class: "xv-grow" }, row.title), h("span", { class: "xv-muted xv-small" }, row.when), appLink("Watch", "train", { job: row.id }, { class: "xv-quiet" })))));
  };
  const stop = observe(model, { "summary tasks jobs": show });
  return () => {
    stop();
    error.stop();
  };
}

export default { render };
