import { MODALITIES } from '../model/content-fusion.js';
import type { EncoderSource, EncoderSources } from '../model/published-encoders.js';
import { CheckpointError } from './checkpoint-error.js';

type Json = Readonly<Record<string, unknown>>;

/** Options without the names of published encoders: a folder may have another path on another machine. */
export function withoutPlaces(options: unknown): unknown {
  const { content } = options as { readonly content?: Json };
  if (content === undefined) return options;
  const encoders = MODALITIES.filter((name) => content[name] !== undefined).map((name) => {
    const { encoder: _, revision: __, ...settings } = content[name] as Json;
    return [name, settings];
  });
  return { ...(options as Json), content: { ...content, ...Object.fromEntries(encoders) } };
}

/**
 * @param there encoders of the checkpoint's run
 * @param here encoders of the model
 * @throws {@link CheckpointError} naming both unless their weights and configurations are the same.
 */
export function assertSameEncoders(checkpoint: string, there: EncoderSources = {}, here: EncoderSources): void {
  for (const name of MODALITIES) {
    if (there[name]?.digest === here[name]?.digest) continue;
    throw new CheckpointError(
      checkpoint,
      `expected the ${name} encoder that it was trained with, ${describe(there[name])}, got ${describe(here[name])}`,
    );
  }
}

function describe(source: EncoderSource | undefined): string {
  if (source === undefined) return 'one of our own';
  const { name, revision, commit, digest } = source;
  const version = commit ?? revision;
  return `${name}${version === undefined ? '' : `@${version}`} (SHA-256 ${digest.slice(0, 16)}…)`;
}
