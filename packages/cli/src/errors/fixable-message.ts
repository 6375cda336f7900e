import { EngineError } from '@sifaka/backend';
import { TableError } from '@sifaka/data/tables';
import { ImageError, TokenizerError } from '@sifaka/encoders/node';
import { CheckpointError, TrainingError } from '@sifaka/trainer';
import { UsageError } from './usage-error.js';

const FIXABLE = [UsageError, TableError, ImageError, TokenizerError, CheckpointError, TrainingError, EngineError];

/**
 * What to tell a user of an error that they can fix: a wrong argument, bad data, a damaged checkpoint, an engine that is not there
 * or gave out, a file that cannot be written. @returns undefined for any other: that is a defect of ours, and its stack helps.
 */
export function fixableMessage(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  return FIXABLE.some((type) => type.isInstance(error)) || isSystemError(error) ? error.message : undefined;
}

/** The operating system refused something (no space, no permission), perhaps told by an error that says which file was in work. */
function isSystemError(error: unknown): boolean {
  return error instanceof Error && ('syscall' in error || isSystemError(error.cause));
}
