import { availableParallelism } from 'node:os';
import { sharpFile } from '../optional-packages.js';
import type { ImageFormat } from './image-format.js';
import { sharpSteps } from './sharp-steps.js';
import { type Drawing, SvgProcess } from './svg-process.js';

/** Number of processes at a time. */
const MOST = Math.min(4, availableParallelism());

const resting: SvgProcess[] = [];
const waiting: (() => void)[] = [];
let running = 0;

/**
 * Draws an SVG in another process, which is killed after `maxSvgSeconds`. A few hundred bytes can ask for days of work:
 * parts that draw parts again and again, filters, dashes, patterns.
 *
 * @throws MissingPackageError if `sharp` is not installed.
 */
export async function drawSvg(bytes: Uint8Array, format: ImageFormat): Promise<Drawing> {
  const library = sharpFile('decodeImage');
  while (running >= MOST) await new Promise<void>((resolve) => waiting.push(resolve));
  running++;
  try {
    const rested = takeResting();
    const worker = rested ?? new SvgProcess(library);
    const failed = rested === undefined ? await worker.start() : undefined;
    const drawing = failed ?? (await worker.draw(bytes, sharpSteps(format), format.maxSvgSeconds));
    if (!worker.hasEnded) resting.push(worker);
    return drawing;
  } finally {
    running--;
    waiting.shift()?.();
  }
}

function takeResting(): SvgProcess | undefined {
  let found = resting.pop();
  while (found?.hasEnded) found = resting.pop();
  return found;
}
