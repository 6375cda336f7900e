import { type EngineError, explainEngineFailure } from '@sifaka/backend';

const MARKER = Symbol.for('@sifaka/trainer/TrainingError');

/** The engine gave out in mid-run: no memory left, a GPU lost. What was saved before is whole. */
export class TrainingError extends Error {
  override readonly name = 'TrainingError';
  /** The step, counted from 1, in which it happened. */
  readonly step: number;
  /** The newest checkpoint to go on from; undefined where none was written. */
  readonly checkpoint: string | undefined;
  /** What the engine said, in one line. */
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

/** A {@link TrainingError} where it was the engine that failed, else the error itself: that is a defect, and its stack helps. */
export async function explainStep(
  error: unknown,
  step: number,
  newestCheckpoint: () => Promise<string | undefined>,
): Promise<unknown> {
  const failure = explainEngineFailure(error);
  return failure === undefined ? error : new TrainingError(step, failure, await newestCheckpoint());
}
