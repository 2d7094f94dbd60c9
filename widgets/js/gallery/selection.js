// Which images are chosen: the rules of ctrl and shift, as every file manager has them.

export class Selection {
  /** @param {Iterable<string>} ids */
  constructor(ids = []) {
    this.ids = new Set(ids);
    /** @type {string[]} ids in the order of the page */
    this.order = [];
    this.anchor = "";
  }

  /**
   * Ctrl and click: in or out.
   * @param {string} id
   * @returns {string[]}
   */
  toggle(id) {
    this.anchor = id;
    const ids = new Set(this.ids);
    if (!ids.delete(id)) ids.add(id);
    return [...ids];
  }

  /**
   * Shift and click: everything from the last toggled image to this one, besides what is chosen already.
   * @param {string} id
   * @returns {string[]}
   */
  extendTo(id) {
    const [from, to] = [this.order.indexOf(this.anchor), this.order.indexOf(id)].sort((a, b) => a - b);
    if (from < 0) return this.toggle(id);
    return [...new Set([...this.ids, ...this.order.slice(from, to + 1)])];
  }
}
