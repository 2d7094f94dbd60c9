// The hands of xvlab_widgets/run_monitor.py: draws what the job's row says; buttons are messages.

import { button, errorArea, h, observe, replace } from "../shared/dom.js";
import { appLink } from "../shared/links.js";
import { duration, number, percent } from "../shared/words.js";
import { Curves } from "./curves.js";

const CHIPS = /** @type {Record<string, string>} */ ({ queued: "xv-warn", running: "xv-accent", succeeded: "xv-good", failed: "xv-bad", cancelled: "" });
const WORDS = /** @type {Record<string, string>} */ ({ queued: "waiting", running: "running", succeeded: "done", failed: "failed", cancelled: "cancelled" });

class MonitorView {
  /** @param {import("../shared/types.js").RenderContext} context */
  constructor({ model, el }) {
    this.model = model;
    this.error = errorArea(model);
    this.signature = "";
    this.head = h("div", { class: "xv-row" });
    this.bar = h("i");
    this.barBox = h("div", { class: "xv-bar", role: "progressbar", "aria-label": "Share of the run that is done" }, this.bar);
    this.tiles = h("dl", { class: "xv-tiles" });
    this.message = h("p", { class: "xv-muted", role: "status" });
    this.failure = h("pre", { class: "xv-failure", hidden: true });
    this.lossBox = h("div", { class: "xv-chart" });
    this.accuracyBox = h("div", { class: "xv-chart" });
    this.charts = h("div", { class: "xv-charts" }, this.lossBox, this.accuracyBox);
    this.logText = h("pre", { class: "xv-log", tabindex: "0", "aria-label": "Log" });
    this.logBox = h("details", { class: "xv-details", ontoggle: () => model.send({ action: "show_log", flag: this.logBox.open }) }, h("summary", {}, "Log"), this.logText);
    this.list = h("div", { class: "xv-scroll-x" });
    this.main = h("div", { class: "xv-card xv-stack" }, this.head, this.barBox, this.tiles, this.message, this.failure, this.charts, this.logBox);
    this.dialog = h("dialog", { class: "xv-report", "aria-label": "Report", onclose: () => model.get("report") && model.send({ action: "close_report" }) });
    this.empty = h("div", { class: "xv-card xv-empty" }, h("h3", {}, "No run yet"), h("p", {}, "Start a training above; it will appear here."));
    this.earlier = h("div", { class: "xv-card xv-stack" }, h("h3", {}, "Runs"), this.list);
    el.append(h("div", { class: "xv-monitor xv-stack" }, this.main, this.empty, this.earlier, this.error.area, this.dialog));
    this.loss = new Curves(this.lossBox, "Loss", [{ key: "train_loss", name: "training", color: "--xv-accent" }, { key: "loss", name: "evaluation", color: "--xv-warn" }]);
    this.accuracy = new Curves(this.accuracyBox, "Accuracy", [{ key: "accuracy", name: "evaluation", color: "--xv-good" }], percent);
    this.stop = observe(model, {
      job: () => this.showJob(), history: () => this.showHistory(), jobs: () => this.showJobs(),
      log_text: () => this.showLog(), report: () => this.showReport(),
    });
    this.onNotebook = () => this.saveNotebook();
    model.on("change:notebook", this.onNotebook);
  }

  showJob() {
    const job = this.model.get("job");
    this.main.hidden = !job.id;
    this.empty.hidden = Boolean(job.id);
    if (!job.id) return;
    const send = (/** @type {string} */ action) => () => this.model.send({ action, job_id: job.id });
    const isOpen = job.state === "queued" || job.state === "running";
    const chip = h("span", { class: `xv-chip ${CHIPS[job.state] ?? ""}`, "data-xv": "state", "data-state": job.state }, job.cancel_requested && isOpen ? "stopping" : WORDS[job.state] ?? job.state);
    const buttons = [
      job.model_id && appLink("Look at the results", "evaluate", { task: job.task_id ?? "", model: job.model_id }, { "data-xv": "evaluate-link" }),
      !isOpen && button("Report", send("show_report"), { "data-xv": "report" }), !isOpen && button("Save notebook", send("save_notebook")),
      (job.state === "failed" || job.state === "cancelled") && button("Try again", send("retry"), { class: "xv-primary", "data-xv": "retry" }),
      isOpen && button("Cancel", send("cancel"), { class: "xv-danger", "data-xv": "cancel", disabled: job.cancel_requested })];
    const signature = JSON.stringify([job.id, job.state, job.cancel_requested, job.model_id, job.title]);
    if (this.signature !== signature) replace(this.head, h("h3", {}, job.title), chip, h("span", { class: "xv-grow" }), ...buttons);
    this.signature = signature;
    this.bar.style.width = `${100 * job.share}%`;
    this.barBox.setAttribute("aria-valuenow", String(Math.round(100 * job.share)));
    this.barBox.hidden = !isOpen;
    this.showTiles(job, isOpen);
    this.message.textContent = job.state === "queued" ? "Waits for a free worker. If this lasts, start one with: xvlab worker" : isOpen ? job.message : "";
    this.message.hidden = !this.message.textContent;
    this.failure.textContent = job.error;
    this.failure.hidden = !job.error;
  }

  /**
   * @param {Record<string, any>} job
   * @param {boolean} isOpen
   */
  showTiles(job, isOpen) {
    const steps = job.steps_per_epoch ? `${job.step ?? 0} / ${job.steps_per_epoch}` : "–";
    const tiles = /** @type {Array<[string, string]>} */ ([
      ["Epoch", job.epochs ? `${job.epoch ?? 0} / ${job.epochs}` : "–"], ["Accuracy", percent(job.accuracy ?? job.metric)], ["Loss", number(job.loss)],
      ...(isOpen ? [["Step", steps], ["Images a second", number(job.images_per_second)], ["Time left", job.seconds_left === null ? "–" : duration(job.seconds_left)]]
        : [["Version", job.version ? `v${job.version}` : "–"], ["Took", job.took || "–"], ["Started", job.when]])]);
    replace(this.tiles, ...tiles.map(([name, value]) => h("div", { class: "xv-tile-number" }, h("dt", {}, name), h("dd", {}, value))));
  }

  showHistory() {
    const rows = this.model.get("history");
    this.charts.hidden = rows.length < 1;
    if (!rows.length) return;
    this.loss.show(rows);
    this.accuracy.show(rows);
  }

  showJobs() {
    const shown = this.model.get("job").id;
    const rows = /** @type {Array<Record<string, any>>} */ (this.model.get("jobs"));
    this.earlier.hidden = !rows.length;
    replace(this.list, h("table", { class: "xv-table" },
      h("thead", {}, h("tr", {}, ...["Run", "State", "Started", "Took", "Version", "Accuracy", ""].map((name) => h("th", { scope: "col" }, name)))),
      h("tbody", {}, ...rows.map((row) => h("tr", { class: row.id === shown ? "xv-is-shown" : "" }, h("td", {}, row.title),
        h("td", {}, h("span", { class: `xv-chip ${CHIPS[row.state] ?? ""}` }, WORDS[row.state] ?? row.state)),
        h("td", { class: "xv-muted" }, row.when), h("td", { class: "xv-muted xv-number" }, row.took || "–"), h("td", {}, row.version ? `v${row.version}` : "–"), h("td", { class: "xv-number" }, percent(row.accuracy)),
        h("td", {}, row.id !== shown && button("Show", () => this.model.send({ action: "watch", job_id: row.id }), { class: "xv-quiet", "aria-label": `Show ${row.title}` })))))));
  }

  showLog() {
    const atEnd = this.logText.scrollTop + this.logText.clientHeight >= this.logText.scrollHeight - 20;
    this.logText.textContent = this.model.get("log_text") || "Nothing was logged yet.";
    if (atEnd) this.logText.scrollTop = this.logText.scrollHeight;
  }

  showReport() {
    const html = this.model.get("report");
    if (!html) return this.dialog.open && this.dialog.close();
    const frame = h("iframe", { sandbox: "allow-scripts", title: "Report of the run", srcdoc: html });
    replace(this.dialog, h("div", { class: "xv-row xv-spread xv-report-head" }, h("h3", {}, "Report"), button("✕", () => this.dialog.close(), { class: "xv-quiet", "aria-label": "Close" })), frame);
    if (this.dialog.isConnected && !this.dialog.open) this.dialog.showModal();
  }

  saveNotebook() {
    const bytes = this.model.get("notebook");
    if (!bytes?.byteLength) return;
    const url = URL.createObjectURL(new Blob([bytes], { type: "application/x-ipynb+json" }));
    h("a", { href: url, download: "run.ipynb" }).click();
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
  }

  destroy() {
    this.stop();
    this.error.stop();
    this.model.off("change:notebook", this.onNotebook);
    this.loss.destroy();
    this.accuracy.destroy();
  }
}

/** @param {import("../shared/types.js").RenderContext} context */
function render(context) {
  const view = new MonitorView(context);
  return () => view.destroy();
}

export default { render };
