import { errorArea } from "../shared/dom.js";

/** @param {import("../shared/types.js").RenderContext} context */
function render({ model, el }) {
  const { area, stop } = errorArea(model);
  el.append(area);
  return stop;
}

export default { render };
