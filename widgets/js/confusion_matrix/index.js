// The hands of xvlab_widgets/confusion_matrix.py: an accessible grid of cells; a chosen cell is a message.

import { errorArea, h, observe, replace } from "../shared/dom.js";
import { takeKeys } from "../shared/keyboard.js";
import { percent } from "../shared/words.js";
import { displayOrder, rowSum } from "./order.js";

const MOST_WITH_TEXT = 26;

class MatrixView {
  /** @param {import("../shared/types.js").RenderContext} context */
  constructor({ model, el }) {
    this.model = model;
    this.error = errorArea(model);
    this.unit = h("select", { class: "xv-input", "aria-label": "What the cells show", onchange: () => this.show() },
      h("option", { value: "count" }, "Number of images"), h("option", { value: "share" }, "Share of the row"));
    this.order = h("select", { class: "xv-input", "aria-label": "Order of the labels", onchange: () => this.show() },
      h("option", { value: "trained" }, "Order of training"), h("option", { value: "name" }, "By name"), h("option", { value: "worst" }, "Weakest first"));
    this.title = h("h3", {}, "Confusion matrix");
    this.summary = h("span", { class: "xv-muted xv-number" });
    this.box = h("div", { class: "xv-matrix-box" });
    this.readout = h("p", { class: "xv-matrix-readout xv-muted", "aria-live": "polite" });
    this.root = h("div", { class: "xv-card xv-stack", role: "group", "aria-label": "Confusion matrix" },
      h("div", { class: "xv-row" }, this.title, this.summary, h("span", { class: "xv-grow" }), this.unit, this.order), this.box, this.readout, this.error.area);
    el.append(this.root);
    takeKeys(this.box, (name) => this.key(name));
    this.box.removeAttribute("tabindex");
    this.box.addEventListener("click", (event) => this.openCell(cellOf(event.target)));
    this.box.addEventListener("pointerover", (event) => this.describe(cellOf(event.target)));
    this.box.addEventListener("focusin", (event) => this.describe(cellOf(event.target)));
    this.stop = observe(model, { matrix: () => this.show(), cell: () => this.mark() });
  }

  show() {
    const { labels = [], counts = [], count = 0, accuracy = null } = this.model.get("matrix");
    this.summary.textContent = count ? `${percent(accuracy)} of ${count.toLocaleString()} images right` : "";
    this.readout.hidden = !count;
    if (!count) {
      replace(this.box, h("p", { class: "xv-muted" }, "The model was not measured on such images. Mark some images as test images, or choose the other kind."));
      return;
    }
    const order = displayOrder(/** @type {"trained" | "name" | "worst"} */ (this.order.value), labels, counts);
    const withText = labels.length <= MOST_WITH_TEXT;
    const largest = Math.max(1, ...counts.flatMap((/** @type {number[]} */ row, /** @type {number} */ index) => row.filter((_count, column) => column !== index)));
    const names = (/** @type {number} */ index) => labels[index].name;
    const head = h("tr", {}, h("td", { class: "xv-matrix-corner" }, h("span", {}, "is ↓  called →")), ...order.map((column) => h("th", { scope: "col", title: names(column) }, h("span", {}, withText ? names(column) : ""))));
    const body = order.map((row) => h("tr", {}, h("th", { scope: "row", title: names(row) }, h("span", {}, names(row))),
      ...order.map((column) => this.cell(row, column, counts, largest, withText))));
    replace(this.box, h("table", { class: `xv-matrix ${withText ? "" : "xv-dense"}`, role: "grid", "aria-label": "Rows: what images are. Columns: what the model called them." }, h("thead", {}, head), h("tbody", {}, ...body)));
    this.box.querySelector("td[data-true]")?.setAttribute("tabindex", "0");
    this.describe(null);
    this.mark();
  }

  /**
   * @param {number} row
   * @param {number} column
   * @param {number[][]} counts
   * @param {number} largest  of the wrong cells
   * @param {boolean} withText
   */
  cell(row, column, counts, largest, withText) {
    const count = counts[row][column];
    const share = count / Math.max(1, rowSum(counts, row));
    const isShare = this.unit.value === "share";
    const strength = row === column || isShare ? share : Math.min(share * 2.2, 0.15 + (0.85 * count) / largest);
    const text = !withText ? "" : isShare ? (count ? String(Math.round(100 * share)) : "") : count ? String(count) : "";
    const heat = count ? Math.round(8 + 84 * Math.min(1, strength)) : 0;
    return h("td", { role: "gridcell", tabindex: "-1", "data-true": row, "data-predicted": column,
      class: `${row === column ? "xv-hit" : "xv-miss"} ${heat > 52 ? "xv-strong" : ""} ${count ? "" : "xv-none"}`, style: { "--heat": `${heat}%` }, "aria-label": this.sentence(row, column) }, text);
  }

  /**
   * @param {number} row
   * @param {number} column
   */
  sentence(row, column) {
    const { labels, counts } = this.model.get("matrix");
    const count = counts[row][column];
    const images = count === 1 ? "1 image" : `${count.toLocaleString()} images`;
    return `${images} of ${labels[row].name} called ${labels[column].name}, ${percent(count / Math.max(1, rowSum(counts, row)))} of the row`;
  }

  /** @param {HTMLElement | null} cell */
  describe(cell) {
    this.readout.textContent = cell ? `${this.sentence(Number(cell.dataset.true), Number(cell.dataset.predicted))}. Click to see them.` : "Click a cell to see exactly its images.";
  }

  /** @param {HTMLElement | null} cell */
  openCell(cell) {
    if (!cell) return;
    const { labels } = this.model.get("matrix");
    this.model.send({ action: "open_cell", true_label_id: labels[Number(cell.dataset.true)].id, predicted_label_id: labels[Number(cell.dataset.predicted)].id });
  }

  mark() {
    const { true_label_id, predicted_label_id } = this.model.get("cell");
    const { labels = [] } = this.model.get("matrix");
    for (const cell of /** @type {NodeListOf<HTMLElement>} */ (this.box.querySelectorAll("td[aria-selected='true']"))) cell.removeAttribute("aria-selected");
    const index = (/** @type {string} */ id) => labels.findIndex((/** @type {{ id: string }} */ label) => label.id === id);
    if (true_label_id) this.box.querySelector(`td[data-true="${index(true_label_id)}"][data-predicted="${index(predicted_label_id)}"]`)?.setAttribute("aria-selected", "true");
  }

  /** @param {string} name */
  key(name) {
    const cell = cellOf(document.activeElement);
    if (!cell) return false;
    if (name === "enter" || name === "space") return void this.openCell(cell);
    const steps = /** @type {Record<string, [number, number]>} */ ({ arrowright: [0, 1], arrowleft: [0, -1], arrowdown: [1, 0], arrowup: [-1, 0] });
    if (!(name in steps)) return false;
    const line = /** @type {HTMLTableRowElement} */ (cell.parentElement);
    const rows = /** @type {HTMLTableSectionElement} */ (line.parentElement).rows;
    const [down, right] = steps[name];
    const target = /** @type {HTMLElement | undefined} */ (rows[line.sectionRowIndex + down]?.cells[/** @type {HTMLTableCellElement} */ (cell).cellIndex + right]);
    if (!target?.dataset.true) return true;
    cell.setAttribute("tabindex", "-1");
    target.setAttribute("tabindex", "0");
    target.focus();
    return true;
  }

  destroy() {
    this.stop();
    this.error.stop();
  }
}

/**
 * @param {EventTarget | null} target
 * @returns {HTMLElement | null}
 */
function cellOf(target) {
  return target instanceof Element ? target.closest("td[data-true]") : null;
}

/** @param {import("../shared/types.js").RenderContext} context */
function render(context) {
  const view = new MatrixView(context);
  return () => view.destroy();
}

export default { render };
