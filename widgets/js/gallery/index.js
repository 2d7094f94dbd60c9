// The hands of xvlab_widgets/gallery.py: a grid of thumbnails, filters, a choice of many, and a close look.

import { button, errorArea, h, labelChip, observe, replace } from "../shared/dom.js";
import { isTyping, takeKeys } from "../shared/keyboard.js";
import { Thumbnails } from "../shared/pictures.js";
import { CloseLook } from "./close_look.js";
import { Selection } from "./selection.js";

/** @typedef {{ id: string, name: string, width: number, height: number, format: string, byte_count: number, is_test: boolean, is_excluded: boolean, labels: import("../shared/types.js").Label[] }} Item */

const STATES = [["all", "All images"], ["labelled", "With a label"], ["unlabelled", "Without a label"], ["training", "For training"], ["test", "Test images"], ["excluded", "Excluded"]];
const NEEDS_TASK = ["labelled", "unlabelled", "excluded"];

class GalleryView {
  /** @param {import("../shared/types.js").RenderContext} context */
  constructor({ model, el }) {
    this.model = model;
    this.thumbnails = new Thumbnails();
    this.selection = new Selection(model.get("selected_ids"));
    this.error = errorArea(model);
    this.closeLook = new CloseLook(model, (step) => this.openNeighbour(step));
    this.state = h("select", { class: "xv-input", "aria-label": "Which images", "data-xv": "state", onchange: () => this.sendFilter() });
    this.label = h("select", { class: "xv-input", "aria-label": "With which label", "data-xv": "label", onchange: () => this.sendFilter() });
    this.search = h("input", { class: "xv-input xv-gallery-search", type: "search", placeholder: "Search names", "aria-label": "Search names", oninput: () => this.searchSoon() });
    this.count = h("span", { class: "xv-muted xv-number" });
    this.actions = h("div", { class: "xv-row xv-gallery-actions", role: "toolbar", "aria-label": "What to do with the chosen images" });
    this.grid = h("div", { class: "xv-grid", role: "listbox", "aria-multiselectable": "true", "aria-label": "Images" });
    this.previous = button("‹ Previous", () => model.send({ action: "previous" }), { "data-xv": "previous" });
    this.next = button("Next ›", () => model.send({ action: "next" }), { "data-xv": "next" });
    this.range = h("span", { class: "xv-muted xv-number" });
    this.root = h("div", { class: "xv-gallery xv-stack", role: "group", "aria-label": "Images" },
      h("div", { class: "xv-row" }, this.search, this.state, this.label, h("span", { class: "xv-grow" }), this.count),
      this.actions, this.grid,
      h("div", { class: "xv-row xv-gallery-pager" }, this.previous, this.range, this.next),
      this.error.area, this.closeLook.dialog);
    this.searchTimer = 0;
    el.append(this.root);
    takeKeys(this.root, (name, event) => this.key(name, event));
    this.stop = observe(model, {
      thumbnails: () => {},
      "labels has_task shown_filter": () => this.showFilters(),
      page: () => this.showPage(),
      selected_ids: () => this.showSelection(),
      "notice can_undo": () => this.showActions(),
    });
  }

  /** @returns {Item[]} */
  get items() {
    return this.model.get("page").items ?? [];
  }

  /** @returns {import("../shared/types.js").Label[]} */
  get labels() {
    return this.model.get("labels");
  }

  showFilters() {
    const { state = "all", label_id = "", search = "" } = this.model.get("shown_filter");
    const hasTask = this.model.get("has_task");
    replace(this.state, ...STATES.filter(([value]) => hasTask || !NEEDS_TASK.includes(value)).map(([value, text]) => h("option", { value, selected: value === state }, text)));
    replace(this.label, h("option", { value: "" }, "Any label"), ...this.labels.map(({ id, name }) => h("option", { value: id, selected: id === label_id }, name)));
    this.label.hidden = !this.labels.length;
    if (document.activeElement !== this.search) this.search.value = search;
  }

  showPage() {
    const { sizes = [], count = 0, first = 1, has_next, has_previous } = this.model.get("page");
    const urls = this.thumbnails.load(this.model.get("thumbnails"), sizes);
    this.selection.order = this.items.map(({ id }) => id);
    replace(this.grid, ...this.items.map((item, index) => this.tile(item, urls[index])));
    this.grid.classList.toggle("xv-is-empty", !this.items.length);
    if (!this.items.length) this.showEmpty();
    this.count.textContent = count === 1 ? "1 image" : `${count.toLocaleString()} images`;
    this.range.textContent = this.items.length ? `${first.toLocaleString()} – ${(first + this.items.length - 1).toLocaleString()}` : "";
    this.previous.disabled = !has_previous;
    this.next.disabled = !has_next;
    this.showSelection();
  }

  showEmpty() {
    const { state = "all", label_id = "", search = "" } = this.model.get("shown_filter");
    const isFiltered = state !== "all" || label_id || search;
    replace(this.grid, h("div", { class: "xv-empty" }, h("h3", {}, isFiltered ? "Nothing matches" : "No images yet"),
      h("p", {}, isFiltered ? "No image passes this filter." : "Import a folder on the home page, or with: xvlab import DIR"),
      isFiltered && button("Show all images", () => this.model.send({ action: "filter", state: "all", label_id: "", search: "" }))));
  }

  /**
   * @param {Item} item
   * @param {string} url
   */
  tile(item, url) {
    const names = item.labels.map(({ name }) => name).join(", ");
    return h("div", { class: "xv-tile", role: "option", tabindex: "-1", "data-id": item.id, "aria-label": `${item.name || "image"}${names ? `, ${names}` : ", no label"}`,
      onclick: (/** @type {MouseEvent} */ event) => this.click(item, event) },
    h("span", { class: "xv-tile-picture" }, url ? h("img", { src: url, alt: "", loading: "lazy", draggable: "false" }) : h("span", { class: "xv-muted" }, "no preview")),
    h("span", { class: "xv-tile-check", "aria-hidden": "true" }, "✓"),
    (item.is_test || item.is_excluded) && h("span", { class: "xv-tile-flags" }, item.is_test && h("b", {}, "test"), item.is_excluded && h("b", { class: "xv-is-excluded" }, "excluded")),
    h("span", { class: "xv-tile-foot" }, ...(item.labels.length ? item.labels.map((label) => labelChip(label)) : [h("span", { class: "xv-muted xv-small" }, this.model.get("has_task") ? "no label" : item.name)])));
  }

  showSelection() {
    this.selection.ids = new Set(this.model.get("selected_ids"));
    for (const tile of this.grid.querySelectorAll(".xv-tile")) {
      tile.setAttribute("aria-selected", String(this.selection.ids.has(/** @type {HTMLElement} */ (tile).dataset.id ?? "")));
    }
    this.showActions();
  }

  showActions() {
    const ids = [...this.selection.ids];
    const notice = this.model.get("notice");
    const undo = this.model.get("can_undo") && button("Undo", () => this.model.send({ action: "undo" }), { "data-xv": "undo" });
    if (!ids.length) {
      replace(this.actions, h("span", { class: "xv-muted xv-small" }, notice || "Click to look closely; Ctrl or Shift and click to choose."), h("span", { class: "xv-grow" }), undo);
      return;
    }
    const send = (/** @type {string} */ action, /** @type {object} */ extra = {}) => this.model.send({ action, image_ids: ids, ...extra });
    const labels = h("select", { class: "xv-input", "aria-label": "Give the chosen images a label", "data-xv": "set-label",
      onchange: (/** @type {Event} */ event) => send("set_label", { label_id: /** @type {HTMLSelectElement} */ (event.target).value }) },
    h("option", { value: "" }, "Set label…"), ...this.labels.map(({ id, name }) => h("option", { value: id }, name)));
    const hasTask = this.model.get("has_task");
    replace(this.actions, h("strong", {}, `${ids.length} chosen`), button("Clear", () => this.choose([]), { class: "xv-quiet" }),
      hasTask && labels,
      hasTask && button("Exclude", () => send("set_excluded", { flag: true }), { "data-xv": "exclude" }),
      hasTask && button("Include", () => send("set_excluded", { flag: false }), { "data-xv": "include" }),
      button("Mark as test", () => send("set_test", { flag: true }), { "data-xv": "test" }),
      button("Use for training", () => send("set_test", { flag: false }), { "data-xv": "training" }),
      button("Delete…", () => this.confirmDelete(ids), { class: "xv-danger", "data-xv": "delete" }),
      h("span", { class: "xv-grow" }), h("span", { class: "xv-muted xv-small", role: "status" }, notice), undo);
  }

  /** @param {string[]} ids */
  confirmDelete(ids) {
    replace(this.actions, h("strong", {}, `Delete ${ids.length} ${ids.length === 1 ? "image" : "images"} for ever, with all labels?`),
      button("Delete", () => this.model.send({ action: "delete", image_ids: ids }), { class: "xv-danger", "data-xv": "confirm-delete" }),
      button("Keep", () => this.showActions(), { "data-xv": "keep" }));
    /** @type {HTMLElement} */ (this.actions.lastElementChild).focus();
  }

  /** @param {string[]} ids */
  choose(ids) {
    this.model.set("selected_ids", ids);
    this.model.save_changes();
    this.showSelection();
  }

  /**
   * @param {Item} item
   * @param {MouseEvent} event
   */
  click(item, event) {
    const onCheck = /** @type {Element} */ (event.target).closest(".xv-tile-check");
    /** @type {HTMLElement} */ (event.currentTarget).focus({ preventScroll: true });
    if (event.shiftKey) this.choose(this.selection.extendTo(item.id));
    else if (event.ctrlKey || event.metaKey || onCheck) this.choose(this.selection.toggle(item.id));
    else this.model.send({ action: "open", image_id: item.id });
  }

  /** @param {number} step */
  openNeighbour(step) {
    const index = this.items.findIndex(({ id }) => id === this.model.get("opened").id);
    const item = this.items[index + step];
    if (index >= 0 && item) this.model.send({ action: "open", image_id: item.id });
  }

  sendFilter() {
    this.model.send({ action: "filter", state: this.state.value, label_id: this.label.value, search: this.search.value });
  }

  searchSoon() {
    clearTimeout(this.searchTimer);
    this.searchTimer = window.setTimeout(() => this.sendFilter(), 250);
  }

  /**
   * @param {string} name
   * @param {KeyboardEvent} event
   */
  key(name, event) {
    if (this.closeLook.dialog.open) return false;
    const tiles = /** @type {HTMLElement[]} */ ([...this.grid.querySelectorAll(".xv-tile")]);
    const focused = tiles.indexOf(/** @type {HTMLElement} */ (document.activeElement));
    const columns = tiles.filter((tile) => tile.offsetTop === tiles[0]?.offsetTop).length || 1;
    const steps = /** @type {Record<string, number>} */ ({ arrowright: 1, arrowleft: -1, arrowdown: columns, arrowup: -columns });
    const id = tiles[focused]?.dataset.id;
    if (name in steps) tiles[Math.max(0, Math.min(tiles.length - 1, focused + steps[name]))]?.focus();
    else if (name === "enter" && id) this.model.send({ action: "open", image_id: id });
    else if (name === "space" && id) this.choose(this.selection.toggle(id));
    else if (name === "ctrl+a" && !isTyping(/** @type {HTMLElement} */ (event.target))) this.choose(this.items.map((item) => item.id));
    else if (name === "escape" && this.selection.ids.size) this.choose([]);
    else if (name === "ctrl+z" || name === "u") this.model.send({ action: "undo" });
    else return false;
    return true;
  }

  destroy() {
    this.stop();
    this.error.stop();
    this.closeLook.destroy();
    this.thumbnails.clear();
    clearTimeout(this.searchTimer);
  }
}

/** @param {import("../shared/types.js").RenderContext} context */
function render(context) {
  const view = new GalleryView(context);
  return () => view.destroy();
}

export default { render };
