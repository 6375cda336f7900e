import { ShapeError } from '@sifaka/nn';
import { historySimilarity, sortDescending } from '@sifaka/ranker';
import { checkGradient, normal } from '@sifaka/test-kit';
import {
  concat,
  gather,
  grad,
  grads,
  mul,
  ones,
  type Scalar,
  slice,
  sum,
  type Tensor,
  tensor1d,
  tensor2d,
  tensor3d,
  tidy,
  zeros,
} from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

// Directions relative to the target (3, 4): the same, the opposite, a right angle, the first axis.
const TARGET = [[3, 4]];
const HISTORY = [
  [
    [6, 8],
    [-3, -4],
    [-4, 3],
    [2, 0],
  ],
];
const COSINES = [[1, -1, 0, 0.6]];

describe('historySimilarity', () => {
  it('returns the cosine with each item, and the cosines sorted', () => {
    tidy(() => {
      const { cosines, sorted } = historySimilarity(tensor2d(TARGET), tensor3d(HISTORY), ones([1, 4]));
      expect(cosines).toBeAllClose(COSINES);
      expect(sorted).toBeAllClose([[1, 0.6, 0, -1]]);
    });
  });

  it('does not depend on norms', () => {
    tidy(() => {
      const [target, history, mask] = [normal([3, 4], 1), normal([3, 5, 4], 2), ones([3, 5])];
      const once = historySimilarity(target, history, mask);
      const scaled = historySimilarity(mul(target, 7), mul(history, 0.2), mask);
      expect(scaled.cosines).toBeAllClose(once.cosines);
      expect(scaled.sorted).toBeAllClose(once.sorted);
    });
  });

  it('sorts to the same values for any order of the history', () => {
    tidy(() => {
      const [target, history, mask] = [normal([3, 4], 1), normal([3, 5, 4], 2), ones([3, 5])];
      const order = tensor1d([4, 2, 0, 1, 3], 'int32');
      const once = historySimilarity(target, history, mask);
      const shuffled = historySimilarity(target, gather(history, order, 1), mask);
      expect(shuffled.cosines).toBeAllClose(gather(once.cosines, order, 1));
      expect(shuffled.sorted).toBeAllClose(once.sorted);
    });
  });

  it('appends zeros for padding, even behind negative cosines', () => {
    tidy(() => {
      const history = concat([tensor3d(HISTORY), mul(normal([1, 2, 2], 1), 50)], 1);
      const mask = concat([ones([1, 4]), zeros([1, 2])], 1);
      const { cosines, sorted } = historySimilarity(tensor2d(TARGET), history, mask);
      expect(cosines).toBeAllClose([[...COSINES[0]!, 0, 0]]);
      expect(sorted).toBeAllClose([[1, 0.6, 0, -1, 0, 0]]);
    });
  });

  it('returns only the largest cosines if `top` is given', () => {
    tidy(() => {
      const options = [tensor2d(TARGET), tensor3d(HISTORY), tensor2d([[1, 1, 1, 0]])] as const;
      const { cosines, sorted } = historySimilarity(...options, { top: 2 });
      expect(cosines).toBeAllClose([[1, -1, 0, 0]]);
      expect(sorted).toBeAllClose([[1, 0]]);
      expect(historySimilarity(...options, { top: 4 }).sorted).toBeAllClose([[1, 0, -1, 0]]);
    });
  });

  it('is zero, with a finite gradient, for an empty history or a vector of zeros', () => {
    tidy(() => {
      const [target, history] = [
        tensor2d([
          [1, 2],
          [0, 0],
        ]),
        zeros([2, 3, 2]),
      ];
      for (const mask of [zeros([2, 3]), ones([2, 3])]) {
        const { cosines, sorted } = historySimilarity(target, history, mask);
        expect(cosines).toBeAllClose(zeros([2, 3]));
        expect(sorted).toBeAllClose(zeros([2, 3]));
        const slope = grad((x) => sum(historySimilarity(x, history, mask).sorted))(target);
        expect(slope).toBeAllClose(zeros([2, 2]));
      }
      expect(historySimilarity(target, zeros([2, 0, 2]), zeros([2, 0])).sorted.shape).toEqual([2, 0]);
    });
  });

  it('has the gradient of finite differences for the target, through both outputs', () => {
    tidy(() => {
      const [history, mask] = [
        normal([2, 3, 3], 2),
        tensor2d([
          [1, 1, 1],
          [1, 1, 0],
        ]),
      ];
      const weights = tensor2d([
        [1, -2, 3],
        [2, 1, -1],
      ]);
      const loss = (target: Tensor | undefined): Scalar => {
        const { cosines, sorted } = historySimilarity(target!, history, mask);
        return sum(mul(concat([cosines, sorted], 0), concat([mul(weights, weights), weights], 0)));
      };
      checkGradient(loss, [normal([2, 3], 1)]);
    });
  });

  it('passes a gradient to the target if the history is a constant, and none to padding', () => {
    tidy(() => {
      const [target, history, mask] = [normal([1, 3], 1), normal([1, 3, 3], 2), tensor2d([[1, 0, 1]])];
      const loss = (t: Tensor, h: Tensor): Scalar => sum(historySimilarity(t, h, mask).sorted);
      const alone = grad((t) => loss(t, history))(target);
      const [both, ofHistory] = grads((t, h) => loss(t!, h!))([target, history]);
      expect(alone).toBeAllClose(both!);
      expect(alone).not.toBeAllClose(zeros([1, 3]), { atol: 1e-2 });
      expect(gather(ofHistory!, [1], 1)).toBeAllClose(zeros([1, 1, 3]));
    });
  });

  it('names the argument that does not fit', () => {
    tidy(() => {
      const [target, history, mask] = [zeros([2, 4]), zeros([2, 5, 4]), zeros([2, 5])];
      expect(() => historySimilarity(zeros([2, 3]), history, mask)).toThrow(ShapeError);
      expect(() => historySimilarity(zeros([2, 3]), history, mask)).toThrow('target: expected [2, 4], got [2, 3]');
      expect(() => historySimilarity(target, history, zeros([2, 4]))).toThrow('mask: expected [2, 5], got [2, 4]');
      expect(() => historySimilarity(target, zeros([2, 4]), mask)).toThrow('history: expected [B, L, D], got [2, 4]');
    });
  });
});

describe('sortDescending', () => {
  it('sorts each row by itself, largest first', () => {
    tidy(() => {
      const x = normal([3, 7], 1);
      const expected = (x.arraySync() as number[][]).map((row) => row.toSorted((a, b) => b - a));
      expect(sortDescending(x)).toBeAllClose(expected, { atol: 0, rtol: 0 });
    });
  });

  it('keeps equal values', () => {
    tidy(() => {
      expect(sortDescending(tensor2d([[1, 2, 1, 2, 1]]))).toBeAllClose([[2, 2, 1, 1, 1]]);
    });
  });

  it('passes the gradient of each value to its source', () => {
    tidy(() => {
      const x = tensor2d([
        [0.1, 0.9, 0.5],
        [3, 2, 1],
      ]);
      const upstream = tensor2d([
        [10, 20, 30],
        [40, 50, 60],
      ]);
      const slope = grad((input) => sum(mul(sortDescending(input), upstream)))(x);
      expect(slope).toBeAllClose([
        [30, 10, 20],
        [40, 50, 60],
      ]);
      checkGradient((input) => sum(mul(sortDescending(input!), upstream)), [x], { atol: 0.1 });
    });
  });

  it.each([0, 1, 3, 7])('returns the first %i values, and their gradient', (top) => {
    tidy(() => {
      const x = normal([3, 7], 1);
      const first = (sorted: Tensor) => slice(sorted, [0, 0], [3, top]);
      expect(sortDescending(x, top)).toBeAllClose(first(sortDescending(x)), { atol: 0, rtol: 0 });
      const upstream = normal([3, top], 2);
      const slope = grad((input) => sum(mul(sortDescending(input, top), upstream)))(x);
      expect(slope).toBeAllClose(grad((input) => sum(mul(first(sortDescending(input)), upstream)))(x));
    });
  });

  it('refuses another rank, and more values than a row has', () => {
    tidy(() => {
      expect(() => sortDescending(zeros([3]))).toThrow('sortDescending: expected [B, L], got [3]');
      expect(() => sortDescending(zeros([2, 3]), 4)).toThrow('expected top to be a whole number from 0 to 3, got 4');
      expect(() => sortDescending(zeros([2, 3]), 1.5)).toThrow('from 0 to 3, got 1.5');
    });
  });
});
