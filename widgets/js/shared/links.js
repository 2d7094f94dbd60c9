// Links between the dashboards; in a notebook there is nothing to link to.

import { h } from "./dom.js";

/**
 * Address of another dashboard, with the workspace of this one.
 * @param {string} app
 * @param {Record<string, string>} [query]
 * @param {string} [search]  query string of the present page
 */
export function appAddress(app, query = {}, search = "") {
  const workspace = new URLSearchParams(search).get("workspace");
  const parameters = new URLSearchParams({ ...(workspace ? { workspace } : {}), ...query });
  const text = parameters.toString();
  return `${app}.ipynb${text ? `?${text}` : ""}`;
}

/**
 * A link to another dashboard that looks like a button; nothing outside the dashboards.
 * @param {string} text
 * @param {string} app
 * @param {Record<string, string>} query
 * @param {Record<string, string>} [attributes]
 */
export function appLink(text, app, query, attributes = {}) {
  if (!location.pathname.includes("/voila/")) return null;
  const { class: extra = "", ...rest } = attributes;
  return h("a", { class: `xv-button ${extra}`.trim(), href: appAddress(app, query, location.search), ...rest }, text);
}
