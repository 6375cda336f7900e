/**
 * Numbers of the WebAssembly binary format: the sections that can declare a memory, the kind of an imported memory, and
 * the flags of its limits.
 */
const IMPORT_SECTION = 2;
const MEMORY_SECTION = 5;
const MEMORY_KIND = 2;
const HAS_MAXIMUM = 1;
const SHARED = 2;

/**
 * Copies a WebAssembly module and declares its memory, imported or its own, as shared between threads. One bit of the
 * memory's limits changes; loads and stores of a shared memory are the same instructions.
 *
 * @throws Error if the module declares no memory, or one without a maximum, which a shared memory must have.
 */
export function withSharedMemory(module: Uint8Array): Uint8Array<ArrayBuffer> {
  const copy = Uint8Array.from(module);
  const at = limitsOfMemory(copy);
  if (at === undefined || copy[at] !== HAS_MAXIMUM) {
    throw new Error(
      `withSharedMemory: expected a module with a memory that has a maximum, got limits ${at && copy[at]}`,
    );
  }
  copy[at] = HAS_MAXIMUM | SHARED;
  return copy;
}

/** Offset of the flags of the memory's limits. */
function limitsOfMemory(bytes: Uint8Array): number | undefined {
  const reader = { bytes, at: 8 }; // after the magic number and the version
  while (reader.at < bytes.length) {
    const id = bytes[reader.at++];
    const size = readSize(reader);
    const end = reader.at + size;
    if (id === MEMORY_SECTION) {
      readSize(reader); // the number of memories
      return reader.at;
    }
    if (id === IMPORT_SECTION) {
      const limits = limitsOfImport(reader);
      if (limits !== undefined) return limits;
    }
    reader.at = end;
  }
  return undefined;
}

/** The memory must come before all imports that are not functions. Compilers put it there. */
function limitsOfImport(reader: { readonly bytes: Uint8Array; at: number }): number | undefined {
  for (let left = readSize(reader); left > 0; left--) {
    for (let name = 0; name < 2; name++) skip(reader);
    const kind = reader.bytes[reader.at++];
    if (kind === MEMORY_KIND) return reader.at;
    if (kind !== 0) return undefined;
    readSize(reader); // the function's type
  }
  return undefined;
}

/** An unsigned LEB128 number. */
function readSize(reader: { readonly bytes: Uint8Array; at: number }): number {
  let size = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = reader.bytes[reader.at++]!;
    size |= (byte & 127) << shift;
    if (byte < 128) return size;
  }
}

function skip(reader: { readonly bytes: Uint8Array; at: number }): void {
  const size = readSize(reader);
  reader.at += size;
}
