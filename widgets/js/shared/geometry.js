// Pure geometry. Pixels of the stored image, origin top left, x right, y down. Checked against tests/cases/geometry.json,
// the same table that xvlab_widgets/_geometry.py is checked against.

/**
 * Largest size with the same proportions that lies inside `box_wh`; never larger than the original, at least 1 pixel.
 * @param {import("./types.js").Pair} size_wh
 * @param {import("./types.js").Pair} box_wh
 * @returns {[number, number]}
 */
export function shrinkToFit(size_wh, box_wh) {
  const scale = Math.min(1, box_wh[0] / size_wh[0], box_wh[1] / size_wh[1]);
  return [Math.max(1, Math.floor(size_wh[0] * scale + 0.5)), Math.max(1, Math.floor(size_wh[1] * scale + 0.5))];
}

/**
 * Start and end of each part in a run of bytes made of parts of these sizes.
 * @param {readonly number[]} sizes
 * @returns {Array<[number, number]>}
 */
export function partBounds(sizes) {
  let start = 0;
  return sizes.map((size) => [start, (start += size)]);
}

/** @typedef {{ scale: number, x: number, y: number }} Viewport  screen = image * scale + (x, y) */

export const MAX_SCALE = 40;

/**
 * The view in which the whole image is seen, centred; small images grow to at most `maxScale`.
 * @param {import("./types.js").Pair} image_wh
 * @param {import("./types.js").Pair} screen_wh
 * @param {number} [maxScale]
 * @returns {Viewport}
 */
export function fit(image_wh, screen_wh, maxScale = MAX_SCALE) {
  const scale = Math.min(maxScale, screen_wh[0] / image_wh[0], screen_wh[1] / image_wh[1]);
  return centred(image_wh, screen_wh, scale);
}

/**
 * The view at a scale with the image's middle in the screen's middle.
 * @param {import("./types.js").Pair} image_wh
 * @param {import("./types.js").Pair} screen_wh
 * @param {number} scale
 * @returns {Viewport}
 */
export function centred(image_wh, screen_wh, scale) {
  return { scale, x: (screen_wh[0] - image_wh[0] * scale) / 2, y: (screen_wh[1] - image_wh[1] * scale) / 2 };
}

/**
 * Zoom by a factor so that the image point under `point` stays there. The scale stays between a quarter of the
 * fitted scale (or 1, when that is smaller) and MAX_SCALE.
 * @param {Viewport} view
 * @param {import("./types.js").Pair} point  on the screen
 * @param {number} factor
 * @param {number} fittedScale
 * @returns {Viewport}
 */
export function zoomAt(view, point, factor, fittedScale) {
  const lowest = Math.min(1, fittedScale) / 4;
  const scale = Math.min(MAX_SCALE, Math.max(lowest, view.scale * factor));
  const ratio = scale / view.scale;
  return { scale, x: point[0] - (point[0] - view.x) * ratio, y: point[1] - (point[1] - view.y) * ratio };
}

/**
 * Move the view, keeping at least `margin` pixels of the image on the screen.
 * @param {Viewport} view
 * @param {import("./types.js").Pair} delta
 * @param {import("./types.js").Pair} image_wh
 * @param {import("./types.js").Pair} screen_wh
 * @param {number} [margin]
 * @returns {Viewport}
 */
export function pan(view, delta, image_wh, screen_wh, margin = 40) {
  const keep = (/** @type {number} */ offset, /** @type {0 | 1} */ axis) =>
    Math.min(screen_wh[axis] - margin, Math.max(margin - image_wh[axis] * view.scale, offset));
  return { scale: view.scale, x: keep(view.x + delta[0], 0), y: keep(view.y + delta[1], 1) };
}

/**
 * @param {Viewport} view
 * @param {import("./types.js").Pair} point  on the screen
 * @returns {[number, number]} in image pixels, not clamped
 */
export function toImage(view, point) {
  return [(point[0] - view.x) / view.scale, (point[1] - view.y) / view.scale];
}
