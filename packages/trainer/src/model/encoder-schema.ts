import type { EncoderTraining } from '@sifaka/encoders';
import { BLOCK_TARGETS, unknownTarget } from '@sifaka/nn';
import { z } from 'zod';
import { MODALITIES } from './content-fusion.js';
import { type EncoderOptions, withEncoderName } from './encoder-options.js';
import { amount, group, positive, text } from './option-schema.js';
import type { ContentOptions } from './options.js';

type Kind<Name extends EncoderTraining['kind']> = Extract<EncoderTraining, { kind: Name }>;

const encoderOptions = group<EncoderOptions>()({
  encoder: text.exactOptional(),
  revision: text.exactOptional(),
  train: z
    .discriminatedUnion('kind', [
      group<Kind<'full'>>()({ kind: z.literal('full') }),
      group<Kind<'frozen'>>()({ kind: z.literal('frozen') }),
      group<Kind<'top'>>()({ kind: z.literal('top'), blocks: positive }),
      group<Kind<'lora'>>()({
        kind: z.literal('lora'),
        rank: positive,
        alpha: z.number().positive().exactOptional(),
        targets: z.array(z.string()).min(1).readonly().exactOptional(),
      }),
    ])
    .exactOptional(),
  learningRate: z.number().positive().exactOptional(),
  weightDecay: amount.exactOptional(),
  layerDecay: z.number().positive().max(1).exactOptional(),
  recompute: z.boolean().exactOptional(),
});

/** Schema of {@link EncoderOptions}. A string is the name of a published encoder. */
export const encoder: z.ZodType<EncoderOptions> = z.preprocess(withEncoderName, encoderOptions);

/** Options of the encoders that are possible alone and not together. */
export function encoderContradictions(
  content: ContentOptions,
  dim: number,
  encoderLearningRate: number,
): { readonly path: string[]; readonly message: string }[] {
  return MODALITIES.flatMap((name) => {
    const options = content[name];
    if (options === undefined) return [];
    const { encoder: published, revision, train = { kind: 'full' } as const, ...settings } = options;
    const found: { readonly path: string[]; readonly message: string }[] = [];
    const refuse = (path: readonly string[], message: string) =>
      found.push({ path: ['content', name, ...path], message });
    if (revision !== undefined && published === undefined) {
      refuse(['revision'], `expected none without the name of an encoder, got ${JSON.stringify(revision)}`);
    }
    const isOurs = published === undefined; // The sizes of a published encoder are known when it is opened.
    const depth = content[`${name}Depth`];
    if (isOurs && train.kind === 'top' && train.blocks > depth) {
      refuse(['train', 'blocks'], `expected at most ${name}Depth ${depth}, got ${train.blocks}`);
    }
    if (train.kind === 'lora') {
      if (isOurs && train.rank > dim) refuse(['train', 'rank'], `expected at most dim ${dim}, got ${train.rank}`);
      const blocks = Array.from({ length: depth }, (_, block) => `blocks.${block}`);
      const paths = blocks.flatMap((block) => BLOCK_TARGETS.map((target) => `${block}.${target}`));
      const unknown = isOurs ? unknownTarget(paths, train.targets ?? []) : undefined;
      if (unknown !== undefined) {
        const names = BLOCK_TARGETS.map((target) => JSON.stringify(target)).join(' or ');
        refuse(['train', 'targets'], `expected ${names}, or ends of these names, got ${JSON.stringify(unknown)}`);
      }
    }
    const useless = train.kind === 'frozen' ? Object.keys(settings) : train.kind === 'lora' ? ['layerDecay'] : [];
    for (const each of useless.filter((setting) => setting in settings)) {
      const value = JSON.stringify(settings[each as keyof typeof settings]);
      refuse([each], `expected none because train.kind is '${train.kind}', got ${value}`);
    }
    if (settings.learningRate !== undefined && encoderLearningRate === 0) {
      refuse(
        ['learningRate'],
        `expected none because optimizer.encoderLearningRate is 0, got ${settings.learningRate}`,
      );
    }
    return found;
  });
}
