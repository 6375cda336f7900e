import { getBackend } from '@tensorflow/tfjs-core';
import type { RuntimeFailure } from './engine.js';
import { EngineError } from './engine-error.js';
import { ENGINE_IMPLEMENTATIONS } from './engine-implementations.js';
import { firstLine } from './explain-start-failure.js';

// JavaScript's own words, on every engine.
const EVERYWHERE: readonly RuntimeFailure[] = [
  {
    message: /Array buffer allocation failed|Invalid typed array length/,
    reason: 'out of memory',
    help: 'a smaller batch, shorter histories, or an engine with more memory',
  },
];

/**
 * Tells a failure of the engine or the machine during a run (no memory left, a GPU lost) from any other error.
 *
 * @returns an error with one line of reason, which quotes the engine, and what may help; undefined for any other error.
 *   An {@link EngineError} is returned as it is.
 */
export function explainEngineFailure(error: unknown): EngineError | undefined {
  if (EngineError.isInstance(error)) return error;
  const text = error instanceof Error ? error.message : String(error);
  const known = [...ENGINE_IMPLEMENTATIONS.flatMap(({ runtimeFailures }) => runtimeFailures), ...EVERYWHERE];
  const failure = known.find(({ message }) => message.test(text));
  if (failure === undefined) return undefined;
  // tfjs-node puts the status on the first line and the message on the second.
  const words = firstLine(text.replace(/^Invalid TF_Status: \d+\nMessage: /, ''));
  return new EngineError(getBackend(), `${failure.reason} (${words})`, failure.help);
}
