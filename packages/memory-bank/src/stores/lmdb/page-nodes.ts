import { PAGE_HEADER } from './meta-page.js';

/** Kinds of pages. */
export const BRANCH = 0x01;
export const LEAF = 0x02;

/** Flags of nodes in leaf pages. */
export const BIG_VALUE = 0x01;
export const NAMED_TREE = 0x02;

const NODE_HEADER = 8;

/** An entry of a page. */
export interface Node {
  readonly page: Buffer;
  readonly flags: number;
  readonly key: Buffer;
  /** Child of a node in a branch page. */
  readonly child: number;
  readonly valueAt: number;
  readonly valueBytes: number;
}

/**
 * The entries of a branch or leaf page.
 *
 * @throws Error if the page is of another kind, or an entry does not lie within it.
 */
export function nodesOf(page: Buffer, number: number, kind: number): Node[] {
  const fail = (fault: string) => new Error(`page ${number}: ${fault}`);
  const flags = page.readUInt16LE(18);
  if (flags !== kind) throw fail(`expected a page of kind ${kind}, got ${flags}`);
  const lower = page.readUInt16LE(20);
  const upper = page.readUInt16LE(22);
  if (lower % 2 !== 0 || lower > upper || PAGE_HEADER + upper > page.length) {
    throw fail(`expected bounds within the page, got ${lower} and ${upper}`);
  }
  return Array.from({ length: lower / 2 }, (_, i) => {
    const at = PAGE_HEADER + page.readUInt16LE(PAGE_HEADER + 2 * i);
    if (at < PAGE_HEADER + upper || at + NODE_HEADER > page.length) throw fail(`entry ${i} lies outside`);
    const [low, high, third, keyBytes] = [0, 2, 4, 6].map((offset) => page.readUInt16LE(at + offset)) as [
      number,
      number,
      number,
      number,
    ];
    const valueAt = at + NODE_HEADER + keyBytes;
    const valueBytes = low + high * 2 ** 16;
    const isBig = kind === LEAF && (third & BIG_VALUE) !== 0;
    if (kind === LEAF && third !== 0 && third !== BIG_VALUE && third !== NAMED_TREE) {
      throw fail(`entry ${i}: expected a value, got flags ${third}`);
    }
    const stored = kind === BRANCH ? 0 : isBig ? 24 : valueBytes;
    if (valueAt + stored > page.length) throw fail(`entry ${i} ends outside`);
    return {
      page,
      flags: kind === BRANCH ? 0 : third,
      key: page.subarray(at + NODE_HEADER, valueAt),
      child: low + high * 2 ** 16 + third * 2 ** 32,
      valueAt,
      valueBytes,
    };
  });
}
