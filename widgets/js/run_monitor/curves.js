// A small line chart over epochs, drawn by uPlot in our colours; it follows the scheme and the width.

import uPlot from "uplot";
import { h, replace } from "../shared/dom.js";
import { onSchemeChange, themeColor } from "../shared/theme.js";
import { number } from "../shared/words.js";

/** @typedef {{ key: string, name: string, color: string }} Line */

export class Curves {
  /**
   * @param {HTMLElement} box
   * @param {string} title
   * @param {Line[]} lines
   * @param {(value: number | null) => string} [format]
   */
  constructor(box, title, lines, format = number) {
    this.lines = lines;
    this.format = format;
    this.plotBox = h("div", { class: "xv-plot", role: "img", "aria-label": `${title} by epoch` });
    this.legend = h("div", { class: "xv-legend" });
    replace(box, h("div", { class: "xv-row xv-spread" }, h("h4", {}, title), this.legend), this.plotBox);
    /** @type {Array<Record<string, number | null>>} */
    this.rows = [];
    /** @type {uPlot | null} */
    this.plot = null;
    this.observer = new ResizeObserver(() => this.plot?.setSize(this.size()));
    this.observer.observe(this.plotBox);
    this.stopScheme = onSchemeChange(() => this.rebuild());
  }

  /** @param {Array<Record<string, number | null>>} rows */
  show(rows) {
    this.rows = rows;
    if (this.plot) this.plot.setData(this.data());
    else requestAnimationFrame(() => this.rebuild());
    this.showLegend(rows.length - 1);
  }

  /** @returns {uPlot.AlignedData} */
  data() {
    return /** @type {uPlot.AlignedData} */ ([this.rows.map((row, index) => row.epoch ?? index + 1), ...this.lines.map(({ key }) => this.rows.map((row) => row[key] ?? null))]);
  }

  size() {
    return { width: Math.max(160, this.plotBox.clientWidth), height: 190 };
  }

  /** @param {number} index */
  showLegend(index) {
    const row = this.rows[index] ?? {};
    replace(this.legend, ...this.lines.map(({ key, name, color }) => h("span", { class: "xv-legend-item", style: { "--xv-line": `var(${color})` } }, `${name} ${this.format(row[key] ?? null)}`)));
  }

  rebuild() {
    this.plot?.destroy();
    this.plot = null;
    if (!this.rows.length || !this.plotBox.isConnected) return;
    const axis = { stroke: themeColor(this.plotBox, "--xv-muted"), grid: { stroke: themeColor(this.plotBox, "--xv-border"), width: 1 }, ticks: { show: false }, font: "12px system-ui, sans-serif" };
    /** @type {uPlot.Options} */
    const options = {
      ...this.size(), legend: { show: false }, cursor: { y: false, points: { size: 7 } }, scales: { x: { time: false } },
      axes: [{ ...axis, size: 28, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000] }, { ...axis, size: 52, values: (_plot, values) => values.map((value) => this.format(value)) }],
      series: [{}, ...this.lines.map(({ name, color }) => ({ label: name, stroke: themeColor(this.plotBox, color), width: 2, points: { show: this.rows.length < 30, size: 5 } }))],
      hooks: { setCursor: [(plot) => this.showLegend(plot.cursor.idx ?? this.rows.length - 1)] },
    };
    this.plot = new uPlot(options, this.data(), this.plotBox);
  }

  destroy() {
    this.observer.disconnect();
    this.stopScheme();
    this.plot?.destroy();
  }
}
