// The hands of xvlab_widgets/test_panel.py: an image in, bars out.

import { button, errorArea, h, observe, replace } from "../shared/dom.js";
import { dropZone, imageBytes } from "../shared/files.js";
import { percent } from "../shared/words.js";

const MAX_BYTES = 8_000_000;

class TestView {
  /** @param {import("../shared/types.js").RenderContext} context */
  constructor({ model, el }) {
    this.model = model;
    this.sequence = 0;
    this.pictureUrl = "";
    this.error = errorArea(model);
    this.task = h("select", { class: "xv-input", "aria-label": "Task", "data-xv": "task", onchange: () => model.send({ action: "choose", task_id: this.task.value, version: 0 }) });
    this.version = h("select", { class: "xv-input", "aria-label": "Version of the model", "data-xv": "version", onchange: () => model.send({ action: "choose", task_id: this.task.value, version: Number(this.version.value) }) });
    const { zone, input } = dropZone({ text: "Drop an image here", hint: "or click to choose one", accept: "image/*", onFiles: (files) => files[0] && this.sendFile(files[0]) });
    this.url = h("input", { class: "xv-input xv-grow", type: "url", placeholder: "https://… address of an image", "aria-label": "Address of an image", onkeydown: (/** @type {KeyboardEvent} */ event) => event.key === "Enter" && this.sendUrl() });
    this.picture = h("img", { class: "xv-test-picture", alt: "The image asked about", hidden: true });
    this.result = h("div", { class: "xv-stack xv-test-result", "aria-live": "polite" });
    this.body = h("div", { class: "xv-test-body" },
      h("div", { class: "xv-stack" }, zone, input, h("div", { class: "xv-row xv-nowrap" }, this.url, button("Ask", () => this.sendUrl(), { "data-xv": "ask" })), this.picture), this.result);
    this.empty = h("div", { class: "xv-empty" }, h("h3", {}, "No model yet"), h("p", {}, "Train a task first; then try its model here on any image."));
    this.root = h("div", { class: "xv-card xv-stack", role: "group", "aria-label": "Try a model" }, h("div", { class: "xv-row" }, h("h3", { class: "xv-grow" }, "Try a model"), this.task, this.version), this.body, this.empty, this.error.area);
    el.append(this.root);
    this.root.addEventListener("keydown", (event) => event.stopPropagation());
    this.root.setAttribute("data-lm-suppress-shortcuts", "true");
    this.onPaste = (/** @type {ClipboardEvent} */ event) => {
      const file = [...(event.clipboardData?.files ?? [])].find(({ type }) => type.startsWith("image/"));
      if (file) this.sendFile(file);
    };
    this.root.addEventListener("paste", this.onPaste);
    this.stop = observe(model, { "tasks task_id version": () => this.showChoice(), answer: () => this.showAnswer(), error: () => this.showBusy(false) });
  }

  showChoice() {
    const tasks = /** @type {Array<{ id: string, name: string, production_version: number, versions: number[] }>} */ (this.model.get("tasks"));
    const chosen = tasks.find(({ id }) => id === this.model.get("task_id"));
    this.empty.hidden = tasks.length > 0;
    this.body.hidden = this.task.hidden = this.version.hidden = !tasks.length;
    replace(this.task, ...tasks.map(({ id, name }) => h("option", { value: id, selected: id === chosen?.id }, name)));
    const version = this.model.get("version");
    const production = chosen?.production_version ? `in production (v${chosen.production_version})` : "none in production";
    replace(this.version, h("option", { value: 0, selected: version === 0 }, production), ...(chosen?.versions ?? []).map((number) => h("option", { value: number, selected: version === number }, `v${number}`)));
  }

  /** @param {File} file */
  async sendFile(file) {
    this.showPicture(URL.createObjectURL(file));
    this.showBusy(true);
    try {
      const bytes = await imageBytes(file, MAX_BYTES);
      this.model.send({ action: "classify_bytes", sequence: ++this.sequence }, undefined, [bytes]);
    } catch {
      this.showBusy(false);
      replace(this.result, h("p", { class: "xv-muted" }, "This file is not an image that this browser can read. Choose another."));
    }
  }

  sendUrl() {
    if (!this.url.value.trim()) return;
    this.showPicture("");
    this.showBusy(true);
    this.model.send({ action: "classify_url", url: this.url.value, sequence: ++this.sequence });
  }

  /** @param {string} url */
  showPicture(url) {
    if (this.pictureUrl) URL.revokeObjectURL(this.pictureUrl);
    this.pictureUrl = url;
    this.picture.hidden = !url;
    if (url) this.picture.src = url;
  }

  /** @param {boolean} isBusy */
  showBusy(isBusy) {
    this.root.classList.toggle("xv-waiting", isBusy);
    if (isBusy) replace(this.result, h("p", { class: "xv-muted" }, "Asking the model…"));
    else if (this.model.get("error")) replace(this.result);
  }

  showAnswer() {
    const { labels = [], version } = this.model.get("answer");
    this.root.classList.remove("xv-waiting");
    if (!labels.length) {
      replace(this.result, h("p", { class: "xv-muted xv-test-hint" }, "The answer appears here."));
      return;
    }
    const rows = /** @type {Array<{ name: string, share: number }>} */ (labels);
    replace(this.result,
      h("div", {}, h("p", { class: "xv-muted xv-small" }, `Version ${version ?? "?"} says`), h("p", { class: "xv-test-best", "data-xv": "best" }, rows[0].name)),
      h("ol", { class: "xv-stack xv-test-bars" }, ...rows.map(({ name, share }) => h("li", {},
        h("div", { class: "xv-row xv-spread xv-nowrap" }, h("span", { class: "xv-break" }, name), h("span", { class: "xv-number" }, percent(share))),
        h("div", { class: "xv-bar", "aria-hidden": "true" }, h("i", { style: { width: `${100 * share}%` } }))))));
  }

  destroy() {
    this.stop();
    this.error.stop();
    this.showPicture("");
  }
}

/** @param {import("../shared/types.js").RenderContext} context */
function render(context) {
  const view = new TestView(context);
  return () => view.destroy();
}

export default { render };
