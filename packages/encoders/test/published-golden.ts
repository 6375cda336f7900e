import type { PretrainedFiles } from '@sifaka/encoders';
import type { SafetensorsEntry } from '@sifaka/nn';
import { goldenTensors, readGolden } from '@sifaka/test-kit';

/** What `tools/golden/encoders/published.py` writes of each architecture. */
export interface PublishedGolden {
  readonly config: Readonly<Record<string, unknown>>;
  readonly checkpoint: string;
  readonly tokens: number[][][];
  /** By kind, the default first. */
  readonly pooled: Readonly<Record<string, number[][]>>;
  readonly upstream: number[][][];
  readonly pooledUpstream: number[][];
  /** Zeros are left out. */
  readonly gradients: string;
}

export interface TextGolden extends PublishedGolden {
  readonly ids: number[];
  readonly length: number;
  readonly lengths: number[];
  readonly types?: number[];
  readonly paddingId?: number;
}

export interface ImageGolden extends PublishedGolden {
  readonly pixels: number[];
  readonly preprocessor: Readonly<Record<string, unknown>>;
  /** The same model on images of another size. */
  readonly resized: {
    readonly imageSize: { readonly height: number; readonly width: number };
    readonly pixels: number[];
    readonly tokens: number[][][];
    readonly pooled: Readonly<Record<string, number[][]>>;
  };
}

export function readPublished<Golden extends PublishedGolden>(name: string): Golden {
  return readGolden<Golden>(import.meta.url, `published/${name}`);
}

export type Tensors = Map<string, SafetensorsEntry>;

/** A checkpoint in memory. */
export function filesOf(
  { config, preprocessor }: Pick<PublishedGolden, 'config'> & { readonly preprocessor?: PretrainedFiles['config'] },
  tensors: ReadonlyMap<string, SafetensorsEntry>,
): PretrainedFiles {
  return {
    name: 'tiny',
    config,
    ...(preprocessor && { preprocessor }),
    weights: {
      entries: tensors,
      read: async (name) => tensors.get(name)!.data as Float32Array,
    },
  };
}

export function checkpointOf({ checkpoint }: PublishedGolden): Tensors {
  return new Map(goldenTensors(checkpoint));
}

/** The gradients as if they were weights, with the zeros. */
export function gradientsOf(golden: PublishedGolden): Tensors {
  const reached = goldenTensors(golden.gradients);
  return new Map(
    [...checkpointOf(golden)].map(([name, entry]) => [
      name,
      reached.get(name) ?? { ...entry, data: new Float32Array(entry.data.length) },
    ]),
  );
}
