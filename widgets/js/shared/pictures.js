// From bytes of a trait to things that can be shown.

import { partBounds } from "./geometry.js";

/**
 * Decode encoded image bytes.
 * @param {DataView | Uint8Array} bytes
 * @returns {Promise<ImageBitmap>}
 */
export function decode(bytes) {
  return createImageBitmap(new Blob([/** @type {BlobPart} */ (bytes)]));
}

/** Object URLs of a page of thumbnails that came as one run of bytes; the old page's URLs are given back. */
export class Thumbnails {
  constructor() {
    /** @type {string[]} */
    this.urls = [];
  }

  /**
   * @param {DataView | null} bytes
   * @param {readonly number[]} sizes  bytes of each thumbnail; 0 for a missing one
   * @returns {string[]} one URL each, empty for a missing one
   */
  load(bytes, sizes) {
    this.clear();
    if (!bytes) return [];
    this.urls = partBounds(sizes).map(([start, end]) => {
      if (end === start || end > bytes.byteLength) return "";
      const part = new Uint8Array(/** @type {ArrayBuffer} */ (bytes.buffer), bytes.byteOffset + start, end - start);
      return URL.createObjectURL(new Blob([part], { type: "image/jpeg" }));
    });
    return this.urls;
  }

  clear() {
    this.urls.filter(Boolean).forEach((url) => URL.revokeObjectURL(url));
    this.urls = [];
  }
}
