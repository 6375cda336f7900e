/**
 * The smallest of the `k` largest scores; −∞ if there are fewer scores.
 *
 * @param scores without NaN
 */
export function smallestOfTop(scores: Float32Array, k: number): number {
  // A heap with its smallest score first. Nearly all scores are below it, and cost one comparison.
  const heap = new Float32Array(k).fill(Number.NEGATIVE_INFINITY);
  for (let i = 0; i < scores.length; i++) {
    const score = scores[i]!;
    if (score <= heap[0]!) continue;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= k) break;
      if (child + 1 < k && heap[child + 1]! < heap[child]!) child++;
      if (heap[child]! >= score) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = score;
  }
  return heap[0]!;
}
