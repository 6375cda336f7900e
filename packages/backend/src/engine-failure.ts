import { getBackend } from '@tensorflow/tfjs-core';
import { EngineError } from './engine-error.js';
import { firstLine } from './wasm/engine.js';
import { OUT_OF_WASM_MEMORY } from './wasm/guard-memory.js';

const SMALLER = 'a smaller batch, shorter histories, or an engine with more memory';

// What the engines say, in their own words, when it is the machine that gave out and not the program.
const FAILURES: readonly { readonly words: RegExp; readonly reason: string; readonly help: string }[] = [
  { words: /OOM when allocating|RESOURCE_EXHAUSTED|Invalid TF_Status: 8\b/, reason: 'out of memory', help: SMALLER },
  { words: /GPUOutOfMemoryError|out of (device )?memory/i, reason: 'out of memory', help: SMALLER },
  { words: new RegExp(`${OUT_OF_WASM_MEMORY}|Cannot enlarge memory`), reason: 'out of memory', help: SMALLER },
  { words: /Array buffer allocation failed|Invalid typed array length/, reason: 'out of memory', help: SMALLER },
  { words: /^Aborted|memory access out of bounds|^unreachable$/, reason: 'the engine broke off', help: SMALLER },
  {
    words: /device (is|was) lost|DeviceLost|GPUDevice.*destroyed/i,
    reason: 'the GPU was lost',
    help: 'npx @sifaka/backend doctor',
  },
  {
    words: /CUDA_ERROR|cudaError|CUDNN_STATUS|failed to (launch|synchronize|enqueue)/i,
    reason: 'the GPU failed',
    help: 'nvidia-smi; npx @sifaka/backend doctor',
  },
];

/**
 * Tells an engine that gave out in mid-run (no memory left, a GPU lost) from any other error.
 *
 * @returns an error with one line of reason, which quotes the engine, and what may help; undefined for any other error. An
 *   {@link EngineError} comes back as it is.
 */
export function explainEngineFailure(error: unknown): EngineError | undefined {
  if (EngineError.isInstance(error)) return error;
  const message = error instanceof Error ? error.message : String(error);
  const failure = FAILURES.find(({ words }) => words.test(message));
  if (failure === undefined) return undefined;
  // tfjs-node puts the status on the first line and the words on the second.
  const words = firstLine(message.replace(/^Invalid TF_Status: \d+\nMessage: /, ''));
  return new EngineError(getBackend(), `${failure.reason} (${words})`, failure.help);
}
