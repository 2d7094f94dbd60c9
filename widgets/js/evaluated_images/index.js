// The hands of xvlab_widgets/evaluated_images.py: thumbnails with true and predicted label, relabel, exclude, undo.

import { button, errorArea, h, observe, replace } from "../shared/dom.js";
import { takeKeys } from "../shared/keyboard.js";
import { Thumbnails } from "../shared/pictures.js";
import { percent } from "../shared/words.js";

/** @typedef {{ id: string, name: string, split: string, score: number, state: string, true: { id: string, name: string }, predicted: { id: string, name: string } }} Row */

class ImagesView {
  /** @param {import("../shared/types.js").RenderContext} context */
  constructor({ model, el }) {
    this.model = model;
    this.thumbnails = new Thumbnails();
    this.error = errorArea(model);
    this.heading = h("h3", { class: "xv-break" });
    this.count = h("span", { class: "xv-muted xv-number" });
    this.notice = h("span", { class: "xv-muted xv-small", role: "status" });
    this.undo = button("Undo", () => model.send({ action: "undo" }), { "data-xv": "undo" });
    this.grid = h("div", { class: "xv-grid xv-wide-grid" });
    this.previous = button("‹ Previous", () => model.send({ action: "previous" }));
    this.next = button("Next ›", () => model.send({ action: "next" }));
    this.range = h("span", { class: "xv-muted xv-number" });
    this.pager = h("div", { class: "xv-row xv-gallery-pager" }, this.previous, this.range, this.next);
    this.root = h("div", { class: "xv-card xv-stack xv-evaluated", role: "group", "aria-label": "Predicted images" },
      h("div", { class: "xv-row" }, this.heading, this.count, h("span", { class: "xv-grow" }), this.notice, this.undo), this.grid, this.pager, this.error.area);
    el.append(this.root);
    takeKeys(this.root, (name) => ((name === "ctrl+z" || name === "u") && model.get("can_undo") ? model.send({ action: "undo" }) : false));
    this.stop = observe(model, {
      page: () => this.load(), "rows labels empty_text": () => this.show(),
      "heading notice can_undo": () => this.showHead(),
    });
  }

  /** @returns {Row[]} */
  get rows() {
    return this.model.get("rows");
  }

  showHead() {
    this.heading.textContent = this.model.get("heading");
    this.notice.textContent = this.model.get("notice");
    this.undo.hidden = !this.model.get("can_undo");
  }

  load() {
    const { sizes = [], total = 0, first = 1, has_next, has_previous } = this.model.get("page");
    this.thumbnails.load(this.model.get("thumbnails"), sizes);
    this.count.textContent = total === 1 ? "1 image" : `${total.toLocaleString()} images`;
    this.range.textContent = `${first} – ${first + this.rows.length - 1}`;
    this.pager.hidden = !has_next && !has_previous;
    this.next.disabled = !has_next;
    this.previous.disabled = !has_previous;
    this.show();
  }

  show() {
    if (!this.rows.length) replace(this.grid, h("p", { class: "xv-muted" }, this.model.get("empty_text") || "No image is here."));
    else replace(this.grid, ...this.rows.map((row, index) => this.tile(row, this.thumbnails.urls[index])));
    this.grid.classList.toggle("xv-is-empty", !this.rows.length);
  }

  /**
   * @param {Row} row
   * @param {string} url
   */
  tile(row, url) {
    const isWrong = row.true.id !== row.predicted.id;
    const send = (/** @type {string} */ action, /** @type {object} */ extra = {}) => this.model.send({ action, image_id: row.id, ...extra });
    const labels = /** @type {import("../shared/types.js").Label[]} */ (this.model.get("labels"));
    const choice = h("select", { class: "xv-input xv-compact", "aria-label": `Another label for ${row.name}`,
      onchange: (/** @type {Event} */ event) => send("relabel", { label_id: /** @type {HTMLSelectElement} */ (event.target).value }) },
    h("option", { value: "" }, "Label…"), ...labels.map(({ id, name }) => h("option", { value: id }, name)));
    return h("div", { class: `xv-tile xv-evaluated-tile ${row.state ? "xv-is-mended" : ""}`, "data-id": row.id },
      h("span", { class: "xv-tile-picture" }, url ? h("img", { src: url, alt: row.name, loading: "lazy" }) : h("span", { class: "xv-muted" }, "no preview")),
      h("span", { class: "xv-tile-flags" }, h("b", {}, row.split === "test" ? "test" : "held out")),
      h("div", { class: "xv-evaluated-text" },
        h("div", {}, h("span", { class: "xv-muted xv-small" }, "is "), h("strong", {}, row.true.name)),
        h("div", {}, h("span", { class: "xv-muted xv-small" }, "called "), h("strong", { class: isWrong ? "xv-wrong" : "xv-right-answer" }, row.predicted.name), h("span", { class: "xv-muted xv-small xv-number" }, ` ${percent(row.score)}`)),
        row.state ? h("span", { class: "xv-chip xv-good" }, row.state)
          : h("div", { class: "xv-row xv-evaluated-actions" },
            isWrong && button(`It is ${row.predicted.name}`, () => send("relabel", { label_id: row.predicted.id }), { class: "xv-compact", title: `Give this image the label ${row.predicted.name}`, "data-xv": "relabel" }),
            choice, button("Exclude", () => send("exclude"), { class: "xv-compact", title: "Never use this image for this task", "data-xv": "exclude" }))));
  }

  destroy() {
    this.stop();
    this.error.stop();
    this.thumbnails.clear();
  }
}

/** @param {import("../shared/types.js").RenderContext} context */
function render(context) {
  const view = new ImagesView(context);
  return () => view.destroy();
}

export default { render };
