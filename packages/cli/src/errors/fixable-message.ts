import { EngineError } from '@sifaka/backend';
import { LabelError } from '@sifaka/data';
import { TableError } from '@sifaka/data/tables';
import { ImageError, MissingPackageError, PretrainedError, TokenizerError } from '@sifaka/encoders/node';
import { CheckpointError, TrainingError } from '@sifaka/trainer';
import { UsageError } from './usage-error.js';

const FIXABLE = [
  UsageError,
  TableError,
  LabelError,
  ImageError,
  TokenizerError,
  PretrainedError,
  MissingPackageError,
  CheckpointError,
  TrainingError,
  EngineError,
];

/**
 * The message of an error that the user can fix: a wrong argument, bad data, a published encoder that cannot be opened,
 * a damaged checkpoint, an engine that is missing or failed, a file that cannot be written.
 *
 * @returns undefined for any other error: it is a bug, and its stack helps.
 */
export function fixableMessage(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  return FIXABLE.some((type) => type.isInstance(error)) || isSystemError(error) ? error.message : undefined;
}

/** The operating system refused something (no space, no permission). Another error may wrap it and name the file. */
export function isSystemError(error: unknown): boolean {
  return error instanceof Error && ('syscall' in error || isSystemError(error.cause));
}
