// Files that people drop or choose.

import { h } from "./dom.js";

/**
 * A place to drop files, which is also a button that opens the file dialog.
 * @param {{ text: string, hint: string, accept: string, multiple?: boolean, onFiles: (files: File[]) => void }} options
 */
export function dropZone({ text, hint, accept, multiple = false, onFiles }) {
  const input = h("input", { type: "file", accept, multiple, hidden: true, "data-xv": "file",
    onchange: () => {
      onFiles([...(input.files ?? [])]);
      input.value = "";
    } });
  const zone = h("button", { type: "button", class: "xv-drop", onclick: () => input.click() }, h("strong", {}, text), h("span", { class: "xv-muted xv-small" }, hint));
  const mark = (/** @type {boolean} */ over) => zone.classList.toggle("xv-is-over", over);
  zone.addEventListener("dragover", (event) => {
    event.preventDefault();
    mark(true);
  });
  zone.addEventListener("dragleave", () => mark(false));
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    mark(false);
    onFiles([...(event.dataTransfer?.files ?? [])].slice(0, multiple ? undefined : 1));
  });
  return { zone, input };
}

/**
 * Bytes of an image that are small enough to send: its own, or those of a smaller JPEG.
 * @param {Blob} file
 * @param {number} maxBytes
 * @param {number} [side]  longest side of the smaller copy in pixels
 * @returns {Promise<ArrayBuffer>}
 */
export async function imageBytes(file, maxBytes, side = 2048) {
  if (file.size <= maxBytes) return file.arrayBuffer();
  const bitmap = await createImageBitmap(file);
  const scale = Math.min(1, side / Math.max(bitmap.width, bitmap.height));
  const canvas = new OffscreenCanvas(Math.round(bitmap.width * scale), Math.round(bitmap.height * scale));
  /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext("2d")).drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  return (await canvas.convertToBlob({ type: "image/jpeg", quality: 0.92 })).arrayBuffer();
}
