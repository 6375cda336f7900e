import { getBackend } from '@tensorflow/tfjs-core';
import { type RuntimeFailure, USE_LESS_MEMORY } from './engine.js';
import { EngineError } from './engine-error.js';
import { ENGINE_IMPLEMENTATIONS } from './engine-implementations.js';
import { firstLine } from './explain-start-failure.js';

// JavaScript's own messages. Any engine may cause them.
const EVERYWHERE: readonly RuntimeFailure[] = [
  {
    message: /Array buffer allocation failed|Invalid typed array length/,
    reason: 'out of memory',
    help: USE_LESS_MEMORY,
  },
];

/**
 * Explains an error that the engine or the machine caused during a run, such as missing memory or a lost GPU.
 *
 * @returns an error whose one-line reason quotes the engine, and which says what may help. An {@link EngineError} is
 *   returned as it is. Undefined for an error of the program.
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
