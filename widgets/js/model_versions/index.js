// The hands of xvlab_widgets/model_versions.py: the table of versions.

import { button, errorArea, h, observe, replace } from "../shared/dom.js";
import { percent } from "../shared/words.js";

/** @typedef {{ id: string, version: number, when: string, accuracy: number | null, test_accuracy: number | null, preset: string, is_production: boolean, is_chosen: boolean }} Version */

/** @param {import("../shared/types.js").RenderContext} context */
function render({ model, el }) {
  const error = errorArea(model);
  const box = h("div", { class: "xv-scroll-x" });
  const rollBack = button("Roll back", () => model.send({ action: "roll_back" }), { title: "Bring the production version before this one back", "data-xv": "roll-back" });
  const empty = h("div", { class: "xv-empty" }, h("h3", {}, "No version yet"), h("p", {}, "Train the task; its versions will be listed here."));
  el.append(h("div", { class: "xv-card xv-stack" }, h("div", { class: "xv-row xv-spread" }, h("h3", {}, "Versions"), rollBack), box, empty, error.area));
  const show = () => {
    const versions = /** @type {Version[]} */ (model.get("versions"));
    empty.hidden = versions.length > 0;
    box.hidden = !versions.length;
    rollBack.hidden = !model.get("can_roll_back");
    replace(box, h("table", { class: "xv-table" },
      h("thead", {}, h("tr", {}, ...["Version", "Trained", "Model", "Held-out accuracy", "Test accuracy", ""].map((name) => h("th", { scope: "col" }, name)))),
      h("tbody", {}, ...versions.map((row) => line(row)))));
  };
  /** @param {Version} row */
  const line = (row) => h("tr", { class: row.is_chosen ? "xv-is-shown" : "", "data-version": row.version },
    h("td", {}, h("strong", {}, `v${row.version}`), " ", row.is_production && h("span", { class: "xv-chip xv-good", "data-xv": "production" }, "production")),
    h("td", { class: "xv-muted" }, row.when), h("td", {}, row.preset), h("td", { class: "xv-number" }, percent(row.accuracy)), h("td", { class: "xv-number" }, percent(row.test_accuracy)),
    h("td", {}, h("div", { class: "xv-row xv-end" },
      row.is_chosen ? h("span", { class: "xv-muted xv-small" }, "shown below") : button("Show", () => model.send({ action: "choose", model_id: row.id }), { class: "xv-quiet", "aria-label": `Show version ${row.version}` }),
      !row.is_production && button("Put into production", () => model.send({ action: "promote", version: row.version }), { "data-xv": "promote", "aria-label": `Put version ${row.version} into production` }),
      !row.is_production && button("Delete", (event) => confirmDelete(/** @type {HTMLElement} */ (event.currentTarget), row), { class: "xv-quiet xv-danger", "aria-label": `Delete version ${row.version}` }))));
  /**
   * @param {HTMLElement} pressed
   * @param {Version} row
   */
  const confirmDelete = (pressed, row) => {
    if (pressed.dataset.sure) return model.send({ action: "delete", model_id: row.id });
    pressed.dataset.sure = "yes";
    pressed.textContent = "Delete for ever?";
  };
  const stop = observe(model, { "versions can_roll_back": show });
  return () => {
    stop();
    error.stop();
  };
}

export default { render };
