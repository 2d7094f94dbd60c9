// A file in pieces that a websocket takes.

export const PIECE_BYTES = 4_000_000;

/**
 * Start and end of each piece; an empty file has one empty piece.
 * @param {number} size
 * @param {number} [pieceBytes]
 * @returns {Array<{ start: number, end: number, isLast: boolean }>}
 */
export function pieces(size, pieceBytes = PIECE_BYTES) {
  const count = Math.max(1, Math.ceil(size / pieceBytes));
  return Array.from({ length: count }, (_item, index) => ({
    start: index * pieceBytes,
    end: Math.min(size, (index + 1) * pieceBytes),
    isLast: index === count - 1,
  }));
}
