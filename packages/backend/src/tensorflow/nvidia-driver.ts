import { EngineError } from '../engine-error.js';

const VERSION_FILE = '/proc/driver/nvidia/version';
/** The device through which WSL 2 exposes the GPU of Windows. The driver's version cannot be read there. */
const WSL_DEVICE = '/dev/dxg';
/** Lists the GPU if the driver and the GPU work. */
export const DRIVER_CHECK = 'nvidia-smi';

/** Version of the running NVIDIA driver on Linux; `undefined` if there is no driver or its version is unknown. */
export function readDriverVersion(): string | undefined {
  const { existsSync, readFileSync } = process.getBuiltinModule('node:fs');
  return existsSync(VERSION_FILE) ? parseDriverVersion(readFileSync(VERSION_FILE, 'utf8')) : undefined;
}

/** `NVRM version: NVIDIA UNIX x86_64 Kernel Module  535.104.05  Sat Aug 19 ...` → `535.104.05` */
export function parseDriverVersion(text: string): string | undefined {
  return /^NVRM version:.*?\s(\d+\.\d+(?:\.\d+)?)\s/m.exec(text)?.[1];
}

/**
 * Checks the NVIDIA driver, where that is possible: on Linux outside WSL 2.
 *
 * @param oldest the oldest version that is new enough; default: any.
 * @throws {@link EngineError} if there is certainly no driver, or if it is too old.
 */
export function requireDriver(oldest = '0'): void {
  const { existsSync } = process.getBuiltinModule('node:fs');
  if (process.platform !== 'linux') return;
  const version = readDriverVersion();
  if (version === undefined) {
    if (existsSync(VERSION_FILE) || existsSync(WSL_DEVICE)) return;
    throw new EngineError(
      'tensorflow-gpu',
      `no NVIDIA driver runs here (no ${VERSION_FILE}; a container needs --gpus all)`,
      DRIVER_CHECK,
    );
  }
  if (isOlder(version, oldest)) {
    const reason = `the NVIDIA driver ${version} is too old for this CUDA, which needs ${oldest} or newer`;
    throw new EngineError('tensorflow-gpu', reason, DRIVER_CHECK);
  }
}

/** Whether a dotted version comes before another, number by number. */
export function isOlder(version: string, than: string): boolean {
  const [left, right] = [version, than].map((text) => text.split('.').map(Number)) as [number[], number[]];
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return false;
}
