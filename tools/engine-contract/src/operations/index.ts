import type { Operation } from '../contract-case.js';
import { ARITHMETIC } from './arithmetic.js';
import { ASSEMBLY } from './assembly.js';
import { CREATION } from './creation.js';
import { ELEMENTWISE } from './elementwise.js';
import { FOR_CUDA } from './for-cuda.js';
import { FOR_OTHERS } from './for-others.js';
import { INDEXING } from './indexing.js';
import { LAYOUT } from './layout.js';
import { PRODUCTS } from './products.js';
import { REDUCTIONS } from './reductions.js';

/** All operations of TensorFlow.js that the packages import or that `@sifaka/backend` has kernels for. */
export const OPERATIONS: readonly Operation[] = [
  ...CREATION,
  ...ARITHMETIC,
  ...ELEMENTWISE,
  ...PRODUCTS,
  ...REDUCTIONS,
  ...LAYOUT,
  ...ASSEMBLY,
  ...INDEXING,
  ...FOR_OTHERS,
  ...FOR_CUDA,
];
