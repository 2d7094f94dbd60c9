// Small ways to build elements. Text from outside always enters as text nodes, never as markup.

/**
 * Build an element. `class`, `style` (a map, CSS variables too) and `on…` listeners are understood; `true` sets an
 * empty attribute, `false`, `null` and `undefined` set none.
 *
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Record<string, any>} [attributes]
 * @param {...(Node | string | number | null | undefined | false)} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "style") for (const [key, item] of Object.entries(value)) element.style.setProperty(key, String(item));
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  append(element, children);
  return element;
}

/**
 * @param {Element} parent
 * @param {Array<Node | string | number | null | undefined | false>} children
 */
function append(parent, children) {
  for (const child of children) {
    if (child === null || child === undefined || child === false) continue;
    parent.append(child instanceof Node ? child : String(child));
  }
}

/**
 * Put these children in place of the present ones.
 * @param {Element} parent
 * @param {...(Node | string | number | null | undefined | false)} children
 */
export function replace(parent, ...children) {
  parent.replaceChildren();
  append(parent, children);
}

/**
 * A push button that never submits a form.
 * @param {string} text
 * @param {(event: MouseEvent) => void} onclick
 * @param {Record<string, any>} [attributes]
 */
export function button(text, onclick, attributes = {}) {
  const { class: extra = "", ...rest } = attributes;
  return h("button", { type: "button", class: `xv-button ${extra}`.trim(), onclick, ...rest }, text);
}

/**
 * The pill that names a label, with its colour as a dot.
 * @param {{ name: string, color?: string }} label
 * @param {string} [extra]
 */
export function labelChip(label, extra = "") {
  return h("span", { class: `xv-chip ${extra}`.trim(), style: { "--xv-dot": label.color || "var(--xv-muted)" } }, label.name);
}

/**
 * Run callbacks on model changes now and until the returned function is called.
 * @param {import("./types.js").Model} model
 * @param {Record<string, () => void>} callbacks  trait name (several, separated by spaces) to callback
 * @returns {() => void} stops listening
 */
export function observe(model, callbacks) {
  /** @type {Array<[string, () => void]>} */
  const listeners = [];
  for (const [names, callback] of Object.entries(callbacks)) {
    for (const name of names.split(" ")) {
      model.on(`change:${name}`, callback);
      listeners.push([`change:${name}`, callback]);
    }
    callback();
  }
  return () => listeners.forEach(([event, callback]) => model.off(event, callback));
}

/**
 * The area below a widget where failures appear; it follows the trait `error`.
 * @param {import("./types.js").Model} model
 */
export function errorArea(model) {
  const text = h("span", { class: "xv-error-text" });
  const area = h("div", { class: "xv-error", role: "alert", hidden: true }, text,
    button("✕", () => model.send({ action: "dismiss_error" }), { class: "xv-quiet xv-error-close", "aria-label": "Dismiss this message" }));
  const update = () => {
    text.textContent = model.get("error");
    area.hidden = !model.get("error");
  };
  return { area, stop: observe(model, { error: update }) };
}
