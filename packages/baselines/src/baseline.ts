import type { Samples } from '@sifaka/data';

/** Learns from the samples `train` and scores the samples `indices`. @returns logits, in the order of `indices` */
export type Baseline = (samples: Samples, train: Int32Array, indices: Int32Array) => Float32Array;
