import { setImmediate as nextTurn } from 'node:timers/promises';
import { type Meta, PAGE_HEADER, readSize, readTree, type Tree } from './meta-page.js';
import type { PageFile } from './page-file.js';
import { BIG_VALUE, BRANCH, LEAF, NAMED_TREE, type Node, nodesOf } from './page-nodes.js';

const OVERFLOW = 0x04;
const INTEGER_KEYS = 0x08;
/** Flags of trees that hold several values per key. This package has none, so their pages are not checked. */
const DUPLICATES = 0x04;
const TREE_BYTES = 48;

/** Leaf pages to read in one pass over the file. */
const LEAF_BATCH = 2 ** 18;
const PAGES_PER_TURN = 1024;

type Compare = (a: Buffer, b: Buffer) => number;

/** A page to check. Its keys are at least `from` and below `to`. */
interface PageToCheck {
  readonly page: number;
  readonly level: number;
  readonly from: Buffer | undefined;
  readonly to: Buffer | undefined;
}

/**
 * Checks every page that LMDB could reach: it is in the file, it is used once and not free, its nodes lie within it,
 * and its keys are in order. LMDB itself trusts all of this, and reads beyond the map if it is wrong.
 *
 * Does not check the bytes of rows, which have checksums. Reads all pages except those of values longer than a page.
 *
 * @throws Error with the first fault.
 */
export async function checkTrees(file: PageFile, meta: Meta): Promise<void> {
  const check = new TreeCheck(file, meta);
  await check.run();
}

class TreeCheck {
  readonly #file: PageFile;
  readonly #meta: Meta;
  /** One bit per page of the file. */
  readonly #used: Uint8Array;

  constructor(file: PageFile, meta: Meta) {
    this.#file = file;
    this.#meta = meta;
    this.#used = new Uint8Array(Math.ceil(file.pages / 8));
  }

  async run(): Promise<void> {
    const { free, main, lastPage } = this.#meta;
    const named: [name: string, tree: Tree][] = [];
    await this.#walk('main', main, (node, page) => {
      if ((node.flags & NAMED_TREE) === 0) return;
      if (node.valueBytes !== TREE_BYTES)
        throw new Error(`expected a tree of ${TREE_BYTES} bytes, got ${node.valueBytes}`);
      named.push([node.key.toString('latin1'), readTree(page, node.valueAt)]);
    });
    for (const [name, tree] of named) await this.#walk(name, tree, expectValue);

    const lists: Buffer[] = [];
    await this.#walk('free', free, (node) => {
      expectValue(node);
      lists.push(this.#value(node));
    });
    let freePages = 0;
    for (const list of lists) freePages += this.#checkFree(list);
    // The last pages of a file are not written while they are free.
    const missing = lastPage + 1 - this.#file.pages;
    if (missing > freePages) {
      throw new Error(
        `expected ${lastPage + 1} pages except ${freePages} free ones, got ${this.#file.pages}: it is cut short`,
      );
    }
  }

  /**
   * Visits the leaf pages in the order of the file, in batches. In the order of their keys, the reads would be random
   * ones. A page's keys are compared with the bounds that its parents give.
   */
  async #walk(name: string, tree: Tree, visit: (node: Node, page: Buffer) => void): Promise<void> {
    const { root, entries, depth, flags } = tree;
    if ((flags & DUPLICATES) !== 0) throw new Error(`tree ${name}: expected one value per key, got flags ${flags}`);
    const compare = (flags & INTEGER_KEYS) === 0 ? Buffer.compare : compareIntegers;
    let found = 0;
    const branches: PageToCheck[] = [];
    let leaves: PageToCheck[] = [];
    const put = (page: PageToCheck) => (page.level === depth ? leaves : branches).push(page);
    if (root !== undefined) put({ page: root, level: 1, from: undefined, to: undefined });
    while (branches.length > 0 || leaves.length > 0) {
      const branch = leaves.length < LEAF_BATCH ? branches.pop() : undefined;
      if (branch !== undefined) {
        const nodes = this.#nodesAt(name, branch, BRANCH, compare);
        for (const [i, { child, key }] of nodes.entries()) {
          const from = i === 0 ? branch.from : key;
          put({ page: child, level: branch.level + 1, from, to: nodes[i + 1]?.key ?? branch.to });
        }
        continue;
      }
      leaves.sort((a, b) => a.page - b.page);
      for (const [i, leaf] of leaves.entries()) {
        if (i % PAGES_PER_TURN === PAGES_PER_TURN - 1) await nextTurn();
        for (const node of this.#nodesAt(name, leaf, LEAF, compare)) {
          found++;
          if ((node.flags & BIG_VALUE) !== 0) this.#takeOverflow(node);
          visit(node, node.page);
        }
      }
      leaves = [];
    }
    if (found !== entries) throw new Error(`tree ${name}: expected ${entries} entries, got ${found}`);
  }

  /** The entries of a page, whose keys are in order and within its bounds. */
  #nodesAt(name: string, { page: number, from, to }: PageToCheck, kind: number, compare: Compare): Node[] {
    const nodes = nodesOf(this.#take(number), number, kind);
    const fail = (fault: string) => new Error(`page ${number} of tree ${name}: ${fault}`);
    if (nodes.length < (kind === LEAF ? 1 : 2)) throw fail(`expected entries, got ${nodes.length}`);
    for (const [i, { key }] of nodes.entries()) {
      if (i === 0 && kind === BRANCH) continue; // The first key of a branch page is not used.
      if (key.length === 0) throw fail(`entry ${i}: expected a key`);
      if (i > 0 && !(i === 1 && kind === BRANCH) && compare(nodes[i - 1]!.key, key) >= 0) {
        throw fail('expected its keys in order');
      }
      if ((from && compare(from, key) > 0) || (to && compare(key, to) >= 0)) {
        throw fail('expected its keys between those of its parent');
      }
    }
    return nodes;
  }

  /** Reads a page and marks it as used. */
  #take(number: number): Buffer {
    this.#mark(number, 1);
    const page = this.#file.page(number);
    if (readSize(page, 0) !== number) throw new Error(`page ${number}: expected its number, got ${readSize(page, 0)}`);
    if (readSize(page, 8) > this.#meta.transaction) throw new Error(`page ${number}: expected no later transaction`);
    return page;
  }

  #takeOverflow(node: Node): void {
    const first = readSize(node.page, node.valueAt);
    const length = node.valueBytes;
    const count = Math.ceil((PAGE_HEADER + length) / this.#file.pageSize);
    const head = this.#take(first);
    const pages = head.readUInt32LE(20);
    if ((head.readUInt16LE(18) & OVERFLOW) === 0 || pages < count) {
      throw new Error(`page ${first}: expected ${count} pages of a value of ${length} bytes, got ${pages}`);
    }
    this.#mark(first + 1, pages - 1);
  }

  #value({ page, flags, valueAt, valueBytes }: Node): Buffer {
    if ((flags & BIG_VALUE) === 0) return page.subarray(valueAt, valueAt + valueBytes);
    const first = readSize(page, valueAt);
    const pages = Math.ceil((PAGE_HEADER + valueBytes) / this.#file.pageSize);
    const parts = Array.from({ length: pages }, (_, i) => this.#file.page(first + i));
    return Buffer.concat(parts).subarray(PAGE_HEADER, PAGE_HEADER + valueBytes);
  }

  #mark(first: number, count: number): void {
    const { lastPage } = this.#meta;
    if (!(first >= 2 && first + count - 1 <= lastPage)) {
      throw new Error(`expected pages 2 to ${lastPage}, got a reference to ${first}`);
    }
    if (first + count > this.#file.pages) {
      throw new Error(`expected page ${first + count - 1} in a file of ${this.#file.pages} pages: it is cut short`);
    }
    for (let page = first; page < first + count; page++) {
      if (this.#isUsed(page)) throw new Error(`page ${page}: expected one reference to it, got two`);
      this.#used[page >> 3]! |= 1 << (page & 7);
    }
  }

  #isUsed(page: number): boolean {
    return page < this.#file.pages && (this.#used[page >> 3]! & (1 << (page & 7))) !== 0;
  }

  /**
   * Checks a list of free pages: its length, then entries. An entry is a page number, 0 for none, or a negative count,
   * which makes the next entry the first page of a block.
   *
   * @returns the number of pages.
   */
  #checkFree(list: Buffer): number {
    const length = list.length < 8 ? -1 : readSize(list, 0);
    if (!(length >= 0 && 8 * (length + 1) <= list.length)) {
      throw new Error(`expected a list of free pages within ${list.length} bytes, got a length of ${length}`);
    }
    let pages = 0;
    let count = 1;
    for (let i = 1; i <= length; i++) {
      const entry = Number(list.readBigInt64LE(8 * i));
      if (entry > 0) {
        this.#checkFreeBlock(entry, count);
        pages += count;
      }
      count = entry < 0 ? -entry : 1;
    }
    return pages;
  }

  #checkFreeBlock(first: number, count: number): void {
    if (!(first >= 2 && first + count - 1 <= this.#meta.lastPage)) {
      throw new Error(`expected free pages from 2 to ${this.#meta.lastPage}, got ${count} from ${first}`);
    }
    for (let page = first; page < first + count; page++) {
      if (this.#isUsed(page)) throw new Error(`page ${page}: expected it to be free or in use, got both`);
    }
  }
}

function expectValue({ flags }: Node): void {
  if ((flags & NAMED_TREE) !== 0) throw new Error('expected named trees in the main tree only');
}

/** Compares unsigned little-endian integers of 4 or 8 bytes. */
function compareIntegers(a: Buffer, b: Buffer): number {
  if (a.length !== b.length || (a.length !== 4 && a.length !== 8)) {
    throw new Error(`expected integer keys of one length, got ${a.length} and ${b.length} bytes`);
  }
  return a.length === 4 ? a.readUInt32LE(0) - b.readUInt32LE(0) : readSize(a, 0) - readSize(b, 0);
}
