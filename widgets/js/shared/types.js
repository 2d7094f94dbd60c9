// Types only: what anywidget hands to a widget. https://anywidget.dev/en/afm/

/**
 * @typedef {object} Model
 * @property {(name: string) => any} get
 * @property {(name: string, value: unknown) => void} set
 * @property {() => void} save_changes
 * @property {(event: string, callback: (...args: any[]) => void) => void} on
 * @property {(event: string, callback: (...args: any[]) => void) => void} off
 * @property {(content: object, callbacks?: unknown, buffers?: ArrayBuffer[]) => void} send
 */

/** @typedef {{ model: Model, el: HTMLElement }} RenderContext */

/** @typedef {{ id: string, name: string, color: string, key?: string }} Label */

/** @typedef {readonly [number, number]} Pair */

export {};
