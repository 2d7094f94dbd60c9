// Keys of a widget: they work while it has the focus, never reach the notebook, and never steal from text fields.

const TEXT_FIELDS = ["INPUT", "TEXTAREA", "SELECT"];

/**
 * Whether a key press belongs to a field in which people type.
 * @param {{ tagName?: string, isContentEditable?: boolean } | null} target
 */
export function isTyping(target) {
  return Boolean(target && (TEXT_FIELDS.includes(target.tagName ?? "") || target.isContentEditable));
}

/**
 * One name for a key press: `ctrl+z`, `shift+arrowleft`, `1`. Command counts as ctrl.
 * @param {{ key: string, ctrlKey?: boolean, metaKey?: boolean, altKey?: boolean, shiftKey?: boolean }} event
 */
export function keyName(event) {
  const key = event.key === " " ? "space" : event.key.toLowerCase();
  const withShift = event.shiftKey && (key.length > 1 || event.ctrlKey || event.metaKey);
  return [event.ctrlKey || event.metaKey ? "ctrl+" : "", event.altKey ? "alt+" : "", withShift ? "shift+" : "", key].join("");
}

/**
 * Make `root` take keys. A handler returns false to say that the key was not for it.
 * @param {HTMLElement} root
 * @param {(name: string, event: KeyboardEvent) => boolean | void} handler
 */
export function takeKeys(root, handler) {
  root.tabIndex = 0;
  root.setAttribute("data-lm-suppress-shortcuts", "true");
  root.setAttribute("data-jp-suppress-context-menu", "true");
  root.addEventListener("keydown", (event) => {
    if (isTyping(/** @type {HTMLElement} */ (event.target))) {
      event.stopPropagation();
      return;
    }
    if (handler(keyName(event), event) === false) return;
    event.preventDefault();
    event.stopPropagation();
  });
}

/**
 * Index of the label a digit key means: 1 to 9 are the first nine, 0 is the tenth; -1 for any other key.
 * @param {string} name
 */
export function digitIndex(name) {
  return /^[0-9]$/.test(name) ? (Number(name) + 9) % 10 : -1;
}
