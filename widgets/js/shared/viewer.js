// The canvas that every image widget uses: zoom by wheel, pan by space or middle drag, fit, 1:1. Tools that draw on
// the image hook into `onDraw` and `toImagePoint`.

import { MAX_SCALE, centred, fit, pan, toImage, zoomAt } from "./geometry.js";
import { button, h } from "./dom.js";

/**
 * @typedef {object} Picture
 * @property {ImageBitmap} bitmap
 * @property {import("./types.js").Pair} size_wh  size of the stored image; the bitmap may be a smaller copy of it
 */

export class Viewer {
  /** @param {{ label?: string }} [options] */
  constructor({ label = "Image" } = {}) {
    this.canvas = h("canvas", { class: "xv-canvas", role: "img", "aria-label": label });
    this.empty = h("div", { class: "xv-viewer-empty" });
    this.readout = h("span", { class: "xv-readout", "aria-hidden": "true" });
    this.tools = h("div", { class: "xv-viewer-tools" }, this.readout,
      button("−", () => this.zoom(1 / 1.4), { "aria-label": "Zoom out", title: "Zoom out (−)" }),
      button("+", () => this.zoom(1.4), { "aria-label": "Zoom in", title: "Zoom in (+)" }),
      button("Fit", () => this.fit(), { title: "Whole image (f)" }),
      button("1:1", () => this.actualSize(), { title: "One image pixel is one screen pixel (o)" }));
    this.element = h("div", { class: "xv-viewer" }, this.canvas, this.empty, this.tools);
    /** @type {Picture | null} */
    this.picture = null;
    /** @type {import("./geometry.js").Viewport} */
    this.view = { scale: 1, x: 0, y: 0 };
    this.isFitted = true;
    this.spaceHeld = false;
    this.frame = 0;
    /** @type {(context: CanvasRenderingContext2D, view: import("./geometry.js").Viewport) => void} */
    this.onDraw = () => {};
    this.observer = new ResizeObserver(() => this.resized());
    this.observer.observe(this.element);
    this.listen();
  }

  /**
   * Show a picture, fitted, or nothing with a message.
   * @param {Picture | null} picture
   * @param {string} [message]
   */
  show(picture, message = "") {
    this.picture = picture;
    this.empty.textContent = picture ? "" : message;
    this.element.classList.toggle("xv-has-picture", Boolean(picture));
    this.fit();
  }

  /** @returns {[number, number]} size of the screen area in CSS pixels */
  get screen_wh() {
    return [this.element.clientWidth || 1, this.element.clientHeight || 1];
  }

  get fittedScale() {
    return this.picture ? fit(this.picture.size_wh, this.screen_wh).scale : 1;
  }

  fit() {
    this.isFitted = true;
    if (this.picture) this.view = fit(this.picture.size_wh, this.screen_wh);
    this.redraw();
  }

  actualSize() {
    this.isFitted = false;
    if (this.picture) this.view = centred(this.picture.size_wh, this.screen_wh, 1 / (window.devicePixelRatio || 1));
    this.redraw();
  }

  /**
   * @param {number} factor
   * @param {import("./types.js").Pair} [point]  on the screen; the middle when not given
   */
  zoom(factor, point) {
    const [width, height] = this.screen_wh;
    this.isFitted = false;
    this.view = zoomAt(this.view, point ?? [width / 2, height / 2], factor, this.fittedScale);
    this.redraw();
  }

  /** @param {import("./types.js").Pair} delta */
  pan(delta) {
    if (!this.picture) return;
    this.isFitted = false;
    this.view = pan(this.view, delta, this.picture.size_wh, this.screen_wh);
    this.redraw();
  }

  /**
   * Keys that every image widget shares.
   * @param {string} name
   * @returns {boolean} whether the key was used
   */
  handleKey(name) {
    /** @type {Record<string, () => void>} */
    const keys = {
      "+": () => this.zoom(1.4), "=": () => this.zoom(1.4), "-": () => this.zoom(1 / 1.4),
      f: () => this.fit(), o: () => this.actualSize(), space: () => this.holdSpace(true),
    };
    keys[name]?.();
    return name in keys;
  }

  /**
   * @param {{ clientX: number, clientY: number }} event
   * @returns {[number, number]} in pixels of the stored image
   */
  toImagePoint(event) {
    return toImage(this.view, this.toScreenPoint(event));
  }

  /**
   * @param {{ clientX: number, clientY: number }} event
   * @returns {[number, number]}
   */
  toScreenPoint(event) {
    const bounds = this.canvas.getBoundingClientRect();
    return [event.clientX - bounds.left, event.clientY - bounds.top];
  }

  listen() {
    const { canvas } = this;
    canvas.addEventListener("wheel", (event) => {
      if (!this.picture) return;
      event.preventDefault();
      this.zoom(Math.exp(-event.deltaY * 0.0015), this.toScreenPoint(event));
    }, { passive: false });
    canvas.addEventListener("pointerdown", (event) => {
      if (event.button !== 1 && !(event.button === 0 && this.spaceHeld)) return;
      event.preventDefault();
      canvas.setPointerCapture(event.pointerId);
      canvas.classList.add("xv-panning");
    });
    canvas.addEventListener("pointermove", (event) => {
      if (canvas.classList.contains("xv-panning")) this.pan([event.movementX, event.movementY]);
      this.showReadout(event);
    });
    const stop = () => canvas.classList.remove("xv-panning");
    canvas.addEventListener("pointerup", stop);
    canvas.addEventListener("pointercancel", stop);
    canvas.addEventListener("pointerleave", () => this.readout.replaceChildren());
    canvas.addEventListener("dblclick", () => (this.isFitted ? this.actualSize() : this.fit()));
    this.onKeyUp = (/** @type {KeyboardEvent} */ event) => event.key === " " && this.holdSpace(false);
    window.addEventListener("keyup", this.onKeyUp);
  }

  /** @param {boolean} held */
  holdSpace(held) {
    this.spaceHeld = held;
    this.canvas.classList.toggle("xv-can-pan", held);
  }

  /** @param {PointerEvent} event */
  showReadout(event) {
    if (!this.picture) return;
    const [x, y] = this.toImagePoint(event).map(Math.floor);
    const [width, height] = this.picture.size_wh;
    const inside = x >= 0 && y >= 0 && x < width && y < height;
    this.readout.textContent = inside ? `${x}, ${y} · ${Math.round(this.view.scale * 100)} %` : "";
  }

  resized() {
    if (this.isFitted) this.fit();
    else this.redraw();
  }

  redraw() {
    if (!this.frame) this.frame = requestAnimationFrame(() => this.draw());
  }

  draw() {
    this.frame = 0;
    const ratio = window.devicePixelRatio || 1;
    const [width, height] = this.screen_wh;
    const context = /** @type {CanvasRenderingContext2D} */ (this.canvas.getContext("2d"));
    if (this.canvas.width !== Math.round(width * ratio) || this.canvas.height !== Math.round(height * ratio)) {
      this.canvas.width = Math.round(width * ratio);
      this.canvas.height = Math.round(height * ratio);
    }
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, this.canvas.width, this.canvas.height);
    if (!this.picture) return;
    const { scale, x, y } = this.view;
    context.setTransform(scale * ratio, 0, 0, scale * ratio, x * ratio, y * ratio);
    context.imageSmoothingEnabled = scale < MAX_SCALE / 16;
    context.imageSmoothingQuality = "high";
    context.drawImage(this.picture.bitmap, 0, 0, ...this.picture.size_wh);
    this.onDraw(context, this.view);
  }

  destroy() {
    cancelAnimationFrame(this.frame);
    this.observer.disconnect();
    if (this.onKeyUp) window.removeEventListener("keyup", this.onKeyUp);
  }
}
