// The large view of one image: the shared viewer in a dialog, with what is known about the image.

import { button, h, labelChip, observe, replace } from "../shared/dom.js";
import { takeKeys } from "../shared/keyboard.js";
import { decode } from "../shared/pictures.js";
import { Viewer } from "../shared/viewer.js";

export class CloseLook {
  /**
   * @param {import("../shared/types.js").Model} model
   * @param {(step: number) => void} onStep
   */
  constructor(model, onStep) {
    this.model = model;
    this.viewer = new Viewer();
    this.title = h("h3", { class: "xv-grow xv-break" });
    this.facts = h("span", { class: "xv-muted xv-small xv-number" });
    this.tools = h("div", { class: "xv-row" });
    this.dialog = h("dialog", { class: "xv-look", "aria-label": "Image", onclose: () => this.closed(), oncancel: () => {} },
      h("div", { class: "xv-look-body" },
        h("div", { class: "xv-row xv-nowrap" }, this.title, this.facts, button("✕", () => this.dialog.close(), { class: "xv-quiet", "aria-label": "Close", "data-xv": "close" })),
        this.viewer.element,
        h("div", { class: "xv-row" }, button("‹", () => onStep(-1), { "aria-label": "Image before" }), button("›", () => onStep(1), { "aria-label": "Image after" }), this.tools)));
    takeKeys(this.dialog, (name) => {
      if (name === "arrowleft") onStep(-1);
      else if (name === "arrowright") onStep(1);
      else return this.viewer.handleKey(name);
      return true;
    });
    this.shown = "";
    this.stop = observe(model, { opened_bytes: () => this.load(), "opened labels": () => this.show() });
  }

  async load() {
    const bytes = this.model.get("opened_bytes");
    if (!bytes?.byteLength) return;
    const bitmap = await decode(bytes).catch(() => null);
    if (this.model.get("opened_bytes") !== bytes) return bitmap?.close();
    const { width, height } = this.model.get("opened");
    this.viewer.show(bitmap ? { bitmap, size_wh: [width, height] } : null, "This image cannot be shown.");
  }

  show() {
    const item = this.model.get("opened");
    if (!item.id) return this.dialog.open && this.dialog.close();
    if (!this.dialog.open && this.dialog.isConnected) this.dialog.showModal();
    if (!this.dialog.open) requestAnimationFrame(() => this.dialog.isConnected && !this.dialog.open && this.model.get("opened").id && this.dialog.showModal());
    this.title.textContent = item.name || "Image";
    this.facts.textContent = `${item.width} × ${item.height} · ${item.format} · ${Math.max(1, Math.round(item.byte_count / 1024)).toLocaleString()} KB`;
    const send = (/** @type {string} */ action, /** @type {object} */ extra) => this.model.send({ action, image_ids: [item.id], ...extra });
    const labels = /** @type {import("../shared/types.js").Label[]} */ (this.model.get("labels"));
    const choice = h("select", { class: "xv-input", "aria-label": "Label of this image",
      onchange: (/** @type {Event} */ event) => send("set_label", { label_id: /** @type {HTMLSelectElement} */ (event.target).value }) },
    h("option", { value: "" }, "Set label…"), ...labels.map(({ id, name }) => h("option", { value: id, selected: item.labels.some((/** @type {{ id: string }} */ one) => one.id === id) }, name)));
    replace(this.tools, labels.length > 0 && choice, ...(labels.length ? [] : item.labels.map(labelChip)),
      this.model.get("has_task") && button(item.is_excluded ? "Include" : "Exclude", () => send("set_excluded", { flag: !item.is_excluded })),
      button(item.is_test ? "Use for training" : "Mark as test", () => send("set_test", { flag: !item.is_test })));
  }

  closed() {
    if (this.model.get("opened").id) this.model.send({ action: "close" });
    this.viewer.show(null);
  }

  destroy() {
    this.stop();
    this.viewer.destroy();
    this.dialog.remove();
  }
}
