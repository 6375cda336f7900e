import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

/** The machine that a shared library was built for. */
export interface LibraryTarget {
  readonly platform: 'linux' | 'darwin' | 'win32';
  /** The processors that it has code for, in Node's names (`x64`, `arm64`); an unknown processor by its number. */
  readonly arch: readonly string[];
}

const ELF_MACHINES: Readonly<Record<number, string>> = {
  3: 'ia32',
  40: 'arm',
  62: 'x64',
  183: 'arm64',
  243: 'riscv64',
};
const MACH_PROCESSORS: Readonly<Record<number, string>> = { 16777223: 'x64', 16777228: 'arm64' };
const PE_MACHINES: Readonly<Record<number, string>> = { 332: 'ia32', 34404: 'x64', 43620: 'arm64' };
const HEADER_BYTES = 4096;

/**
 * Reads the header of a shared library: ELF (System V ABI), Mach-O (`mach-o/loader.h`, thin or universal) or PE.
 *
 * @throws Error that says that the file is empty or not a shared library.
 */
export function readLibraryTarget(file: string): LibraryTarget {
  const { header, size } = readStart(file);
  if (size === 0) throw new Error(`${file} is empty (0 bytes)`);
  const target = parseElf(header) ?? parseMachO(header) ?? parsePe(header);
  if (target === undefined) throw new Error(`${file} is not a shared library`);
  return target;
}

/** @throws Error that names both machines if the library is not for this one. */
export function requireLibraryForThisMachine(file: string): void {
  const { platform, arch } = readLibraryTarget(file);
  if (platform === process.platform && arch.includes(process.arch)) return;
  throw new Error(`${file} is for ${platform} ${arch.join('+')}, this Node is for ${process.platform} ${process.arch}`);
}

function readStart(file: string): { header: Buffer; size: number } {
  const descriptor = openSync(file, 'r');
  try {
    const header = Buffer.alloc(HEADER_BYTES);
    readSync(descriptor, header, 0, HEADER_BYTES, 0);
    return { header, size: fstatSync(descriptor).size };
  } finally {
    closeSync(descriptor);
  }
}

function parseElf(header: Buffer): LibraryTarget | undefined {
  if (header.readUInt32BE(0) !== 0x7f454c46) return undefined;
  const bigEndian = header[5] === 2;
  const machine = bigEndian ? header.readUInt16BE(18) : header.readUInt16LE(18);
  return { platform: 'linux', arch: [ELF_MACHINES[machine] ?? `ELF machine ${machine}`] };
}

function parseMachO(header: Buffer): LibraryTarget | undefined {
  const name = (processor: number) => MACH_PROCESSORS[processor] ?? `Mach-O processor ${processor}`;
  if (header.readUInt32LE(0) === 0xfeedfacf) return { platform: 'darwin', arch: [name(header.readUInt32LE(4))] };
  if (header.readUInt32BE(0) !== 0xcafebabe) return undefined;
  // A universal file: a count, then 20 bytes per processor.
  const count = header.readUInt32BE(4);
  if (count > 16) return undefined; // A Java class file begins with the same four bytes.
  return { platform: 'darwin', arch: Array.from({ length: count }, (_, i) => name(header.readUInt32BE(8 + 20 * i))) };
}

function parsePe(header: Buffer): LibraryTarget | undefined {
  if (header.readUInt16LE(0) !== 0x5a4d) return undefined;
  const start = header.readUInt32LE(0x3c);
  if (start > HEADER_BYTES - 6 || header.readUInt32LE(start) !== 0x4550) return undefined;
  const machine = header.readUInt16LE(start + 4);
  return { platform: 'win32', arch: [PE_MACHINES[machine] ?? `PE machine ${machine}`] };
}
