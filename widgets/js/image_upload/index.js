// The hands of xvlab_widgets/image_upload.py: files in pieces, the next one when the last is acknowledged.

import { errorArea, h, observe, replace } from "../shared/dom.js";
import { dropZone } from "../shared/files.js";
import { pieces } from "./pieces.js";

class UploadView {
  /** @param {import("../shared/types.js").RenderContext} context */
  constructor({ model, el }) {
    this.model = model;
    this.number = 0;
    /** @type {Map<number, () => void>} */
    this.waiting = new Map();
    this.error = errorArea(model);
    const { zone, input } = dropZone({ text: "Drop pictures or a zip here", hint: "or click to choose; folders inside a zip become labels", accept: "image/*,.zip", multiple: true, onFiles: (files) => this.sendAll(files) });
    this.zone = zone;
    this.label = h("select", { class: "xv-input", "aria-label": "Label of these pictures" });
    this.test = h("input", { type: "checkbox", class: "xv-check" });
    this.bar = h("i");
    this.barBox = h("div", { class: "xv-bar", role: "progressbar", "aria-label": "Files sent", hidden: true }, this.bar);
    this.text = h("p", { class: "xv-number", role: "status" });
    this.problems = h("ul", { class: "xv-upload-problems" });
    this.root = h("div", { class: "xv-card xv-stack", role: "group", "aria-label": "Add images" },
      h("div", { class: "xv-row" }, h("h3", { class: "xv-grow" }, "Add images"), this.label, h("label", { class: "xv-row xv-upload-test" }, this.test, "as test images")),
      zone, input, this.barBox, this.text, this.problems, this.error.area);
    el.append(this.root);
    this.onMessage = (/** @type {{ acknowledged?: number }} */ message) => {
      if (message.acknowledged === undefined) return;
      this.waiting.get(message.acknowledged)?.();
      this.waiting.delete(message.acknowledged);
    };
    model.on("msg:custom", this.onMessage);
    this.stop = observe(model, { labels: () => this.showLabels(), report: () => this.showReport() });
  }

  showLabels() {
    const labels = /** @type {import("../shared/types.js").Label[]} */ (this.model.get("labels"));
    this.label.hidden = !labels.length;
    const chosen = this.label.value;
    replace(this.label, h("option", { value: "" }, "No label yet"), ...labels.map(({ id, name }) => h("option", { value: id, selected: id === chosen }, name)));
  }

  showReport() {
    const { added, already_there: known = 0, rejected = 0, labelled = 0, message = "", problems = [] } = this.model.get("report");
    if (added === undefined) return;
    const parts = [`${added.toLocaleString()} added`, known && `${known.toLocaleString()} already there`, labelled && `${labelled.toLocaleString()} labelled`, rejected && `${rejected.toLocaleString()} not taken`].filter(Boolean);
    this.text.textContent = `${parts.join(", ")}. ${message}`;
    replace(this.problems, ...problems.map((/** @type {string} */ text) => h("li", {}, text)));
  }

  /** @param {File[]} files */
  async sendAll(files) {
    if (!files.length || this.zone.disabled) return;
    this.zone.disabled = true;
    this.barBox.hidden = false;
    this.model.send({ action: "begin" });
    const total = files.reduce((sum, file) => sum + file.size, 0) || 1;
    let sent = 0;
    for (const file of files) {
      for (const piece of pieces(file.size)) {
        await this.sendPiece(file, piece);
        sent += piece.end - piece.start;
        this.bar.style.width = `${(100 * sent) / total}%`;
      }
    }
    this.model.send({ action: "done" });
    this.zone.disabled = false;
    this.barBox.hidden = true;
  }

  /**
   * @param {File} file
   * @param {{ start: number, end: number, isLast: boolean }} piece
   */
  async sendPiece(file, { start, end, isLast }) {
    const number = ++this.number;
    const bytes = await file.slice(start, end).arrayBuffer();
    const acknowledged = new Promise((/** @type {(value: void) => void} */ resolve) => this.waiting.set(number, resolve));
    this.model.send({ action: "piece", number, name: file.name, offset: start, is_last: isLast, is_test: this.test.checked, label_id: this.label.value }, undefined, [bytes]);
    await acknowledged;
  }

  destroy() {
    this.stop();
    this.error.stop();
    this.model.off("msg:custom", this.onMessage);
  }
}

/** @param {import("../shared/types.js").RenderContext} context */
function render(context) {
  const view = new UploadView(context);
  return () => view.destroy();
}

export default { render };
