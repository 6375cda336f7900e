import type { FileHandle } from 'node:fs/promises';

/** Bytes of a page before its content: number (8), transaction (8), padding (2), flags (2), bounds (4). */
export const PAGE_HEADER = 24;

const MAGIC = 0xbeefc0de;
const DATA_VERSION = 2;
const META_FLAG = 0x08;
const META_BYTES = 160;
const TREE_BYTES = 48;
/** Root of an empty tree: all bits set. */
const NO_PAGE = 2 ** 64;

/** A B-tree of the file. */
export interface Tree {
  readonly flags: number;
  readonly depth: number;
  readonly entries: number;
  /** Page number; undefined for an empty tree. */
  readonly root: number | undefined;
}

/** The head of a file: its trees as of a transaction. */
export interface Meta {
  readonly pageSize: number;
  readonly transaction: number;
  readonly lastPage: number;
  /** Pages that are free, by the transaction that freed them. */
  readonly free: Tree;
  /** The unnamed database. */
  readonly main: Tree;
}

/**
 * Reads the two meta pages of an LMDB data file. Transactions write them in turn, so the newer one counts.
 *
 * @throws Error if the file is not an LMDB file of data version 2, in the layout of 64-bit little-endian machines.
 */
export async function readMeta(handle: FileHandle): Promise<Meta> {
  const first = await readMetaAt(handle, 0);
  const second = await readMetaAt(handle, first.pageSize);
  if (first.pageSize !== second.pageSize) {
    throw new Error(`expected one page size, got ${first.pageSize} and ${second.pageSize} in the two meta pages`);
  }
  return first.transaction >= second.transaction ? first : second;
}

async function readMetaAt(handle: FileHandle, start: number): Promise<Meta> {
  const page = Buffer.alloc(META_BYTES);
  const { bytesRead } = await handle.read(page, 0, META_BYTES, start);
  const name = start === 0 ? 'first' : 'second';
  if (bytesRead < META_BYTES) throw new Error(`expected two meta pages, got a file that ends in the ${name} one`);
  const meta = page.subarray(PAGE_HEADER);
  if ((page.readUInt16LE(18) & META_FLAG) === 0 || meta.readUInt32LE(0) !== MAGIC) {
    throw new Error(`expected an LMDB file, got other bytes in its ${name} meta page`);
  }
  const version = meta.readUInt32LE(4) & 0xffff;
  if (version !== DATA_VERSION) throw new Error(`expected LMDB's data version ${DATA_VERSION}, got ${version}`);
  const pageSize = meta.readUInt32LE(24);
  if (!(pageSize >= 256 && pageSize <= 65_536 && Number.isInteger(Math.log2(pageSize)))) {
    throw new Error(`expected a page size from 256 to 65536, got ${pageSize} in the ${name} meta page`);
  }
  return {
    pageSize,
    transaction: readSize(meta, 24 + 2 * TREE_BYTES + 8),
    lastPage: readSize(meta, 24 + 2 * TREE_BYTES),
    free: readTree(meta, 24),
    main: readTree(meta, 24 + TREE_BYTES),
  };
}

/** Reads a tree's record, in a meta page or as the value of a named database. */
export function readTree(bytes: Buffer, at: number): Tree {
  const root = readSize(bytes, at + 40);
  return {
    flags: bytes.readUInt16LE(at + 4),
    depth: bytes.readUInt16LE(at + 6),
    entries: readSize(bytes, at + 32),
    root: root === NO_PAGE ? undefined : root,
  };
}

/** An unsigned integer of 64 bits. Exact below 2⁵³, which no valid one exceeds. */
export function readSize(bytes: Buffer, at: number): number {
  return Number(bytes.readBigUInt64LE(at));
}
