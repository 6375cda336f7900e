import { explainEngineFailure } from '@sifaka/backend';
import { DivergenceError } from '../model/divergence-error.js';

const MARKER = Symbol.for('@sifaka/trainer/TrainingError');

/** Why training stopped. */
export interface TrainingFailure {
  /** Without a full stop at its end. */
  readonly message: string;
  /** The same in one line, without advice. */
  readonly reason: string;
  /** What is not finite, if the model diverged: the path of a weight, a table, `item vectors` or `logits`. */
  readonly tensor?: string;
  /** Loss of the last step, if it is known. */
  readonly loss?: number;
}

/**
 * Training stopped: the engine failed (out of memory, a lost GPU), or the model diverged. Checkpoints saved before are
 * intact.
 */
export class TrainingError extends Error {
  override readonly name = 'TrainingError';
  /** The step that failed, counted from 1. */
  readonly step: number;
  /** The newest checkpoint, to continue from. Undefined if none was written. */
  readonly checkpoint: string | undefined;
  /** The engine's message, or what diverged, in one line. */
  readonly reason: string;
  /** What is not finite, if the model diverged: the path of a weight, a table, `item vectors` or `logits`. */
  readonly tensor: string | undefined;
  /** Loss of the last step, if the model diverged. */
  readonly loss: number | undefined;

  constructor(step: number, failure: TrainingFailure, checkpoint: string | undefined, cause: unknown = failure) {
    const saved =
      checkpoint === undefined ? 'No checkpoint was written' : `The last checkpoint is whole: ${checkpoint}`;
    super(`Training stopped in step ${step}. ${failure.message}. ${saved}`, { cause });
    this.step = step;
    this.checkpoint = checkpoint;
    this.reason = failure.reason;
    this.tensor = failure.tensor;
    this.loss = failure.loss;
    Object.defineProperty(this, MARKER, { value: true });
  }

  /** True for a TrainingError of any installed copy of this package. */
  static isInstance(error: unknown): error is TrainingError {
    return error instanceof Error && MARKER in error;
  }
}

const ADVICE = 'Try: lower learning rates, a lower weight of SQDC or a lower temperature';

/** The failure of a run in which too many steps in a row had a loss or a gradient that is not finite. */
export function tooManySkipped(skipped: number, loss: number): TrainingFailure {
  const reason = `${skipped} steps in a row had no finite loss and gradient, the last a loss of ${loss}`;
  return { message: `${reason}. ${ADVICE}`, reason, loss };
}

/**
 * A {@link TrainingError} if the engine failed or the model diverged, and otherwise the error itself: a defect, whose
 * stack helps.
 */
export async function explainStep(
  error: unknown,
  step: number,
  newestCheckpoint: () => Promise<string | undefined>,
): Promise<unknown> {
  if (DivergenceError.isInstance(error)) {
    const { message: reason, tensor, loss } = error;
    const failure = { message: `The model diverged in ${reason}. ${ADVICE}`, reason, tensor, loss };
    return new TrainingError(step, failure, await newestCheckpoint(), error);
  }
  const failure = explainEngineFailure(error);
  return failure === undefined ? error : new TrainingError(step, failure, await newestCheckpoint());
}
