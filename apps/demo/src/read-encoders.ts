import { stat } from 'node:fs/promises';
import path from 'node:path';
import { readWholeNumber, UsageError } from '@sifaka/cli';
import type { EncoderOptions } from '@sifaka/trainer';

/** The encoders of the contents that the command line names, or whose training it changes. */
export interface ContentEncoders {
  readonly image?: EncoderOptions;
  readonly text?: EncoderOptions;
}

/** The values of `--text-encoder` and `--train-text`, or of those for images. */
export interface EncoderArguments {
  readonly encoder: string | undefined;
  readonly train: string | undefined;
}

/** @throws {@link UsageError} naming the argument, the expected values and the one given. */
export function readEncoders(given: Readonly<Record<keyof ContentEncoders, EncoderArguments>>): ContentEncoders {
  const encoders = (['image', 'text'] as const).flatMap((name) => {
    const { encoder, train } = given[name];
    if (encoder === '') throw new UsageError(`--${name}-encoder: expected a name or a folder, got none`);
    if (encoder === undefined && train === undefined) return [];
    const options: EncoderOptions = {
      ...(encoder !== undefined && { encoder }),
      ...(train !== undefined && { train: readTraining(`--train-${name}`, train) }),
    };
    return [[name, options] as const];
  });
  return Object.fromEntries(encoders);
}

/** Reads `full`, `frozen`, `top:N` or `lora:R`. */
function readTraining(where: string, text: string): NonNullable<EncoderOptions['train']> {
  const [kind, count, ...rest] = text.split(':');
  if (rest.length === 0 && count === undefined && (kind === 'full' || kind === 'frozen')) return { kind };
  if (rest.length === 0 && count !== undefined) {
    if (kind === 'top') return { kind, blocks: readWholeNumber(where, count, 1) };
    if (kind === 'lora') return { kind, rank: readWholeNumber(where, count, 1) };
  }
  throw new UsageError(`${where}: expected full, frozen, top:N or lora:R, got ${text}`);
}

/** The same encoders with absolute paths. A name that is no folder stays: the hub may have it. */
export async function placeEncoders(encoders: ContentEncoders, workingFolder: string): Promise<ContentEncoders> {
  const placed = Object.entries(encoders).map(async ([name, options]: [string, EncoderOptions]) => {
    if (options.encoder === undefined) return [name, options] as const;
    const folder = path.resolve(workingFolder, options.encoder);
    const isFolder = (await stat(folder).catch(() => undefined))?.isDirectory() ?? false;
    return [name, isFolder ? { ...options, encoder: folder } : options] as const;
  });
  return Object.fromEntries(await Promise.all(placed));
}
