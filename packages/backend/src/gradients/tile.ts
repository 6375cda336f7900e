import { type GradConfig, reshape, sum, type Tensor, Tile, tidy } from '@tensorflow/tfjs-core';

/**
 * The gradient of `tile`, and so of `broadcastTo`: one sum over the copies. TensorFlow.js' own gradient slices and
 * adds one copy at a time: 470 operations of a training step, for the 235 copies of a Q-Former's queries.
 */
export const tileGradient: GradConfig = {
  kernelName: Tile,
  inputsToSave: ['x'],
  gradFunc: (dy, saved, attrs) => {
    const [x] = saved as [Tensor];
    const reps = attrs['reps'] as number[];
    // [r₀, s₀, r₁, s₁, …], without each r that is 1.
    const unfolded = x.shape.flatMap((size, axis) => (reps[axis] === 1 ? [size] : [reps[axis]!, size]));
    const repeated: number[] = [];
    let position = 0;
    for (const rep of reps) {
      if (rep !== 1) repeated.push(position++);
      position++;
    }
    return { x: () => tidy(() => reshape(sum(reshape(dy as Tensor, unfolded), repeated), x.shape)) };
  },
};
