import type { Module } from '@sifaka/nn';
import type { Scalar, Tensor } from '@tensorflow/tfjs-core';
import type { BprBatch } from '../training/bpr-batches.js';

/** Vectors of all users and items. The dot product of a user and an item is the item's score. */
export interface RetrievalVectors {
  /** `[numUsers, D]` */
  readonly users: Tensor;
  /** `[numItems, D]` */
  readonly items: Tensor;
}

/** A model that is trained by triples and ranks by dot products. */
export interface RetrievalModel extends Module {
  /** Prepares an epoch, from 0: draws what changes with each epoch. Training calls it before the first batch. */
  startEpoch?(epoch: number): void;
  /**
   * Loss of a batch, with everything that the paper adds to BPR.
   *
   * @param step number of the step, from which dropout and drawn negatives derive their seeds.
   * @returns a scalar, owned by the caller.
   */
  loss(batch: BprBatch, step: number): Scalar;
  /** For ranking: without dropout, on the whole graph. Both tensors belong to the caller. */
  vectors(): RetrievalVectors;
}
