// Colours of the style sheet for what is drawn on a canvas.

/**
 * A CSS variable as a colour that a canvas understands, resolved for the scheme in force at this element.
 * @param {HTMLElement} element
 * @param {string} name
 */
export function themeColor(element, name) {
  const probe = document.createElement("span");
  probe.style.color = `var(${name})`;
  probe.hidden = true;
  element.append(probe);
  const color = getComputedStyle(probe).color;
  probe.remove();
  return color;
}

/**
 * Call back whenever light changes to dark or back, by the system or by the page.
 * @param {() => void} callback
 * @returns {() => void} stops
 */
export function onSchemeChange(callback) {
  const media = window.matchMedia("(prefers-color-scheme: dark)");
  const observer = new MutationObserver(callback);
  media.addEventListener("change", callback);
  observer.observe(document.body, { attributeFilter: ["data-jp-theme-light"] });
  observer.observe(document.documentElement, { attributeFilter: ["data-xv-theme"] });
  return () => {
    media.removeEventListener("change", callback);
    observer.disconnect();
  };
}
