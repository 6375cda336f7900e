import { type EngineError, explainEngineFailure } from '@sifaka/backend';

const MARKER = Symbol.for('@sifaka/trainer/TrainingError');

/** The engine failed during a run: out of memory, or a lost GPU. Checkpoints saved before are intact. */
export class TrainingError extends Error {
  override readonly name = 'TrainingError';
  /** The step that failed, counted from 1. */
  readonly step: number;
  /** The newest checkpoint, to continue from. Undefined if none was written. */
  readonly checkpoint: string | undefined;
  /** The engine's message, in one line. */
  readonly reason: string;

  constructor(step: number, cause: EngineError, checkpoint: string | undefined) {
    const saved =
      checkpoint === undefined ? 'No checkpoint was written' : `The last checkpoint is whole: ${checkpoint}`;
    super(`Training stopped in step ${step}. ${cause.message}. ${saved}`, { cause });
    this.step = step;
    this.checkpoint = checkpoint;
    this.reason = cause.reason;
    Object.defineProperty(this, MARKER, { value: true });
  }

  /** True for a TrainingError of any installed copy of this package. */
  static isInstance(error: unknown): error is TrainingError {
    return error instanceof Error && MARKER in error;
  }
}

/** A {@link TrainingError} if the engine failed, and otherwise the error itself: a defect, whose stack helps. */
export async function explainStep(
  error: unknown,
  step: number,
  newestCheckpoint: () => Promise<string | undefined>,
): Promise<unknown> {
  const failure = explainEngineFailure(error);
  return failure === undefined ? error : new TrainingError(step, failure, await newestCheckpoint());
}
