// Pure arithmetic of the confusion matrix's display.

/**
 * Order of the labels in which the matrix is drawn.
 * @param {"trained" | "name" | "worst"} how
 * @param {ReadonlyArray<{ name: string }>} labels
 * @param {ReadonlyArray<readonly number[]>} counts
 * @returns {number[]} indices into labels
 */
export function displayOrder(how, labels, counts) {
  const indices = labels.map((_label, index) => index);
  if (how === "name") return indices.sort((a, b) => labels[a].name.localeCompare(labels[b].name, undefined, { numeric: true }));
  if (how === "worst") return indices.sort((a, b) => recall(counts, a) - recall(counts, b) || a - b);
  return indices;
}

/**
 * Share of the images of a true label that were found; 1 when there are none, so that they sort last.
 * @param {ReadonlyArray<readonly number[]>} counts
 * @param {number} index
 */
export function recall(counts, index) {
  const sum = rowSum(counts, index);
  return sum ? counts[index][index] / sum : 1;
}

/**
 * @param {ReadonlyArray<readonly number[]>} counts
 * @param {number} index
 */
export function rowSum(counts, index) {
  return counts[index].reduce((sum, count) => sum + count, 0);
}
