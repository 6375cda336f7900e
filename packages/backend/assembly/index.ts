export { addBias } from './add-bias';
export { gather, repeat, swapAxes } from './copy';
export { erf, exp, tanh } from './elementwise';
export { gelu, geluGradient } from './gelu';
export { product, scratchBytes } from './product';
export { segmentSum } from './segment-sum';
export { select } from './select';
export { softmax } from './softmax';
export { sum } from './sum';
