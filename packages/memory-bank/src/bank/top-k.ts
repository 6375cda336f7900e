/**
 * Keeps the `k` offered items with the highest scores. Ties go to the smaller item. The order of offers does not
 * matter.
 */
export class TopK {
  readonly #k: number;
  /** A heap with the worst kept item at its root. */
  readonly #scores: number[] = [];
  readonly #items: number[] = [];

  constructor(k: number) {
    this.#k = k;
  }

  offer(score: number, item: number): void {
    if (this.#items.length < this.#k) {
      this.#items.push(item);
      this.#scores.push(score);
      this.#siftUp(this.#items.length - 1);
    } else if (this.#k > 0 && isBetter(score, item, this.#scores[0]!, this.#items[0]!)) {
      this.#items[0] = item;
      this.#scores[0] = score;
      this.#siftDown();
    }
  }

  /** Best first. */
  sorted(): { readonly items: Int32Array; readonly scores: Float64Array } {
    const order = this.#items.map((_, position) => position);
    order.sort((a, b) => this.#scores[b]! - this.#scores[a]! || this.#items[a]! - this.#items[b]!);
    return {
      items: Int32Array.from(order, (position) => this.#items[position]!),
      scores: Float64Array.from(order, (position) => this.#scores[position]!),
    };
  }

  #siftUp(start: number): void {
    for (let at = start; at > 0; ) {
      const parent = (at - 1) >> 1;
      if (!this.#isWorse(at, parent)) return;
      this.#swap(at, parent);
      at = parent;
    }
  }

  #siftDown(): void {
    for (let at = 0; ; ) {
      let worst = at;
      for (let child = 2 * at + 1; child <= 2 * at + 2 && child < this.#items.length; child++) {
        if (this.#isWorse(child, worst)) worst = child;
      }
      if (worst === at) return;
      this.#swap(at, worst);
      at = worst;
    }
  }

  #isWorse(a: number, b: number): boolean {
    return isBetter(this.#scores[b]!, this.#items[b]!, this.#scores[a]!, this.#items[a]!);
  }

  #swap(a: number, b: number): void {
    [this.#scores[a], this.#scores[b]] = [this.#scores[b]!, this.#scores[a]!];
    [this.#items[a], this.#items[b]] = [this.#items[b]!, this.#items[a]!];
  }
}

function isBetter(score: number, item: number, otherScore: number, otherItem: number): boolean {
  return score > otherScore || (score === otherScore && item < otherItem);
}
