import type { Module } from '@sifaka/nn';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { ContractCase } from '../contract-case.js';

/** A case with the weights of a module, typed by the module. */
export interface ModuleCase<M extends Module> extends Omit<ContractCase, 'module' | 'forward'> {
  readonly module: () => M;
  readonly forward: (inputs: readonly Tensor[], module: M) => Tensor | readonly Tensor[];
}

export function moduleCase<M extends Module>({ forward, ...rest }: ModuleCase<M>): ContractCase {
  return { magnitude: 1, ...rest, forward: (inputs, module) => forward(inputs, module as M) };
}
