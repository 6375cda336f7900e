import { ENGINES, type EngineName } from './engine-descriptions.js';
import { EngineError } from './engine-error.js';

/** The first line of a thrown value: a reason fits on one line, and a stack trace does not help to choose an engine. */
export function firstLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.split('\n', 1)[0]!.trim();
}

/** The default explanation: the first line of the error, and the engine's install command. */
export function explainStartFailure(
  engine: EngineName,
  error: unknown,
  command: string = ENGINES[engine].command,
): EngineError {
  return EngineError.isInstance(error) ? error : new EngineError(engine, firstLine(error), command);
}
