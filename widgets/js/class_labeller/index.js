// The hands of xvlab_widgets/class_labeller.py: shows one image, takes keys and clicks, sends them. Python decides.

import { button, errorArea, h, observe, replace } from "../shared/dom.js";
import { digitIndex, takeKeys } from "../shared/keyboard.js";
import { decode } from "../shared/pictures.js";
import { Viewer } from "../shared/viewer.js";

/** @typedef {import("../shared/types.js").Label} Label */

class LabellerView {
  /** @param {import("../shared/types.js").RenderContext} context */
  constructor({ model, el }) {
    this.model = model;
    this.viewer = new Viewer({ label: "The image to label" });
    /** @type {Map<string, Promise<ImageBitmap | null>>} */
    this.bitmaps = new Map();
    this.shownKey = "";
    this.pendingSequence = 0;
    this.error = errorArea(model);
    this.root = h("div", { class: "xv-labeller", role: "group", "aria-label": "Label images" });
    this.title = h("span", { class: "xv-labeller-name" });
    this.flags = h("span", { class: "xv-row" });
    this.announcer = h("span", { class: "xv-sr", "aria-live": "polite" });
    this.bar = h("i");
    this.progressText = h("span", { class: "xv-number" });
    this.barBox = h("div", { class: "xv-bar", role: "progressbar", "aria-label": "Images with a label" }, this.bar);
    this.search = h("input", { class: "xv-input xv-labeller-search", type: "search", placeholder: "Find a label ( / )", "aria-label": "Find a label",
      oninput: () => this.showLabels(), onkeydown: (/** @type {KeyboardEvent} */ event) => this.searchKey(event) });
    this.list = h("div", { class: "xv-labeller-labels", role: "group", "aria-label": "Labels" });
    this.newName = h("input", { class: "xv-input xv-grow", placeholder: "New label", "aria-label": "Name of a new label", maxlength: "200",
      onkeydown: (/** @type {KeyboardEvent} */ event) => event.key === "Enter" && this.addLabel() });
    this.back = button("‹ Previous", () => model.send({ action: "back" }), { title: "Previous image (←)", "data-xv": "back" });
    this.undo = button("Undo", () => model.send({ action: "undo" }), { title: "Take the last label back (Ctrl+Z or u)", "data-xv": "undo" });
    this.skip = button("Skip ›", () => this.gesture("skip"), { title: "Leave it for later (→ or s)", "data-xv": "skip" });
    this.exclude = button("Exclude", () => this.gesture("exclude"), { title: "Never use this image for this task (x)", class: "xv-quiet", "data-xv": "exclude" });
    this.done = h("div", { class: "xv-card xv-empty xv-labeller-done", hidden: true });
    const side = h("div", { class: "xv-labeller-side xv-stack" },
      h("div", { class: "xv-labeller-progress" }, this.barBox, this.progressText),
      this.search, this.list,
      h("div", { class: "xv-row xv-labeller-new" }, this.newName, button("Add", () => this.addLabel(), { "aria-label": "Add this label", "data-xv": "add-label" })));
    this.stage = h("div", { class: "xv-labeller-stage" },
      h("div", { class: "xv-row xv-spread xv-labeller-head" }, this.title, this.flags),
      this.viewer.element,
      h("div", { class: "xv-row xv-labeller-actions" }, this.back, this.undo, h("span", { class: "xv-grow" }), this.exclude, this.skip));
    this.root.append(h("div", { class: "xv-labeller-body" }, h("div", { class: "xv-labeller-main" }, this.stage, this.done), side), this.error.area, this.announcer);
    el.append(this.root);
    takeKeys(this.root, (name) => this.key(name));
    this.stop = observe(model, {
      "slot_keys slot_0 slot_1 slot_2": () => this.collect(),
      current: () => this.showCurrent(),
      labels: () => this.showLabels(),
      "progress can_undo can_go_back": () => this.showProgress(),
      error: () => this.release(),
    });
  }

  get current() {
    return this.model.get("current");
  }

  /** @returns {Label[]} */
  get labels() {
    return this.model.get("labels");
  }

  /** Start to decode what has newly arrived; forget what has left the slots. */
  collect() {
    /** @type {string[]} */
    const keys = this.model.get("slot_keys");
    for (const key of this.bitmaps.keys()) if (!keys.includes(key)) this.drop(key);
    keys.forEach((key, slot) => {
      const bytes = this.model.get(`slot_${slot}`);
      if (key && !this.bitmaps.has(key)) this.bitmaps.set(key, bytes?.byteLength ? decode(bytes).catch(() => null) : Promise.resolve(null));
    });
    this.showCurrent();
  }

  /** @param {string} key */
  drop(key) {
    this.bitmaps.get(key)?.then((bitmap) => bitmap?.close());
    this.bitmaps.delete(key);
  }

  async showCurrent() {
    const { image_id: key, sequence, width, height } = this.current;
    this.done.hidden = Boolean(key);
    this.stage.hidden = !key;
    if (!key) return this.showDone();
    this.showTitle();
    const loading = this.bitmaps.get(key);
    if (!loading || this.shownKey === `${key}/${sequence}`) return;
    const bitmap = await loading;
    if (this.current.sequence !== sequence || this.shownKey === `${key}/${sequence}`) return;
    this.shownKey = `${key}/${sequence}`;
    this.viewer.show(bitmap ? { bitmap, size_wh: [width, height] } : null, "This image cannot be shown. Skip or exclude it.");
    this.root.dataset.xvShown = key;
    this.release();
  }

  release() {
    this.pendingSequence = 0;
    this.root.classList.remove("xv-waiting");
  }

  showTitle() {
    const { name, is_test, label_id, width, height } = this.current;
    const label = this.labels.find((item) => item.id === label_id);
    replace(this.title, name || "Image", h("span", { class: "xv-muted xv-small" }, `  ${width} × ${height}`));
    replace(this.flags, is_test && h("span", { class: "xv-chip xv-plain" }, "test image"),
      label && h("span", { class: "xv-chip xv-accent", style: { "--xv-dot": label.color } }, `is ${label.name}`));
    for (const element of this.list.children) element.setAttribute("aria-pressed", String(/** @type {HTMLElement} */ (element).dataset.id === label_id));
  }

  showDone() {
    const { total = 0, skipped = 0, labelled = 0 } = this.model.get("progress");
    this.shownKey = "";
    this.root.dataset.xvShown = "";
    this.viewer.show(null);
    this.release();
    const heading = total === 0 ? "No images yet" : skipped ? "The end of the queue" : "All done";
    const text = total === 0 ? "Import a folder on the home page, then come back."
      : skipped ? `${skipped} ${skipped === 1 ? "image was" : "images were"} skipped and still ${skipped === 1 ? "has" : "have"} no label.`
      : `All ${labelled} images of “${this.model.get("task_name")}” have a label. Well done.`;
    replace(this.done, h("div", { class: "xv-labeller-mark", "aria-hidden": "true" }, total && !skipped ? "✓" : "…"), h("h3", {}, heading), h("p", {}, text),
      h("div", { class: "xv-row" },
        this.model.get("can_go_back") && button("‹ Previous", () => this.model.send({ action: "back" })),
        button(skipped ? "Go through the skipped ones" : "Look again", () => this.model.send({ action: "restart" }), { class: "xv-primary", "data-xv": "restart" })));
  }

  showLabels() {
    const wanted = this.search.value.trim().toLowerCase();
    const { per_label: counts = {} } = this.model.get("progress");
    this.search.hidden = this.labels.length <= 8 && !wanted;
    const found = this.labels.map((label, index) => ({ label, index })).filter(({ label }) => label.name.toLowerCase().includes(wanted));
    replace(this.list, ...found.map(({ label, index }) => h("button", {
      type: "button", class: "xv-labeller-label", "data-id": label.id, "aria-pressed": String(this.current.label_id === label.id),
      style: { "--xv-dot": label.color }, title: label.name, onclick: () => this.submit(label),
    }, index < 10 ? h("kbd", { "aria-hidden": "true" }, (index + 1) % 10) : h("kbd", { class: "xv-no-key" }), h("span", { class: "xv-labeller-text" }, label.name), h("span", { class: "xv-count" }, counts[label.id] ?? 0))));
    if (!found.length) replace(this.list, h("p", { class: "xv-muted" }, wanted ? "No label has this in its name." : "This task has no labels yet. Add the first one below."));
  }

  showProgress() {
    const { labelled = 0, total = 0 } = this.model.get("progress");
    const share = total ? (100 * labelled) / total : 0;
    this.bar.style.width = `${share}%`;
    this.barBox.setAttribute("aria-valuenow", String(Math.round(share)));
    this.progressText.textContent = `${labelled} of ${total} labelled`;
    this.undo.disabled = !this.model.get("can_undo");
    this.back.disabled = !this.model.get("can_go_back");
    this.showLabels();
    if (!this.current.image_id) this.showDone();
  }

  /** @param {Label} label */
  submit(label) {
    if (!this.gesture("submit", { label_id: label.id })) return;
    this.announcer.textContent = `Labelled ${label.name}`;
    this.search.value = "";
  }

  /**
   * Send a gesture for the image that is on the screen, once; labels only when the image can be seen.
   * @param {string} action
   * @param {object} [extra]
   */
  gesture(action, extra = {}) {
    const { image_id, sequence } = this.current;
    const isShown = this.shownKey === `${image_id}/${sequence}`;
    if (!image_id || this.pendingSequence === sequence || !isShown || (action === "submit" && !this.viewer.picture)) return false;
    this.pendingSequence = sequence;
    this.root.classList.add("xv-waiting");
    this.model.send({ action, image_id, sequence, ...extra });
    this.root.focus({ preventScroll: true });
    return true;
  }

  addLabel() {
    if (!this.newName.value.trim()) return;
    this.model.send({ action: "add_label", name: this.newName.value });
    this.newName.value = "";
  }

  /** @param {KeyboardEvent} event */
  searchKey(event) {
    if (event.key === "Escape") this.search.value = "";
    else if (event.key === "Enter") /** @type {HTMLElement | null} */ (this.list.querySelector("button"))?.click();
    else return;
    this.showLabels();
    this.root.focus({ preventScroll: true });
  }

  /** @param {string} name */
  key(name) {
    const label = this.labels[digitIndex(name)];
    /** @type {Record<string, () => void>} */
    const keys = {
      s: () => this.gesture("skip"), arrowright: () => this.gesture("skip"), x: () => this.gesture("exclude"),
      arrowleft: () => this.back.click(), u: () => this.undo.click(), "ctrl+z": () => this.undo.click(),
      "/": () => { this.search.hidden = false; this.search.focus(); },
    };
    if (label) this.submit(label);
    else if (keys[name]) keys[name]();
    else return this.viewer.handleKey(name);
    return true;
  }

  destroy() {
    this.stop();
    this.error.stop();
    this.viewer.destroy();
    for (const key of [...this.bitmaps.keys()]) this.drop(key);
  }
}

/** @param {import("../shared/types.js").RenderContext} context */
function render(context) {
  const view = new LabellerView(context);
  return () => view.destroy();
}

export default { render };
