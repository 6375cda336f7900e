import { type InfoNceOptions, infoNce, type NegativeMask } from '@sifaka/losses';
import { ShapeError } from '@sifaka/nn';
import { checkGradient, normal, readGolden } from '@sifaka/test-kit';
import { add, grads, mean, mul, ones, slice, sub, type Tensor, tensor2d, tidy, zeros } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

const lossAndGradients = (queries: Tensor, candidates: Tensor, options: InfoNceOptions) => {
  const loss = infoNce(queries, candidates, options);
  const [toQueries, toCandidates] = grads((q, c) => infoNce(q, c, options))([queries, candidates]);
  return { loss, toQueries: toQueries!, toCandidates: toCandidates! };
};

describe('infoNce', () => {
  it.each([1, 7, 64])('is log N when all %i candidates are equal', (numCandidates) => {
    tidy(() => {
      const options = { scale: 50, positives: [0, numCandidates - 1, 0] };
      const equal = mul(ones([numCandidates, 4]), 3);
      expect(infoNce(normal([3, 4], 1), equal, options)).toBeAllClose([Math.log(numCandidates)], { atol: 1e-5 });
    });
  });

  it('is log(1 + e^−2s) between a positive along the query and a negative against it', () => {
    tidy(() => {
      const candidates = tensor2d([
        [-3, 0],
        [0.1, 0],
      ]);
      const loss = infoNce(tensor2d([[5, 0]]), candidates, { scale: 1.5, positives: [1] });
      expect(loss).toBeAllClose([Math.log1p(Math.exp(-3))]);
    });
  });

  it('is the mean over queries', () => {
    tidy(() => {
      const queries = normal([2, 4], 1);
      const candidates = normal([5, 4], 2);
      const alone = [0, 1].map((i) =>
        infoNce(slice(queries, [i, 0], [1, 4]), candidates, { scale: 5, positives: [[3, 1][i]!] }).dataSync(),
      );
      const together = infoNce(queries, candidates, { scale: 5, positives: [3, 1] });
      expect(together).toBeAllClose([(alone[0]![0]! + alone[1]![0]!) / 2]);
    });
  });

  it('depends on directions only, not on lengths', () => {
    tidy(() => {
      const options = { scale: 20, positives: [0, 2, 1] };
      const queries = normal([3, 4], 1);
      const candidates = normal([4, 4], 2);
      const longer = infoNce(mul(queries, 7), mul(candidates, 0.2), options);
      expect(longer).toBeAllClose(infoNce(queries, candidates, options), { atol: 1e-4 });
    });
  });

  it("equals PyTorch's cross_entropy on scaled cosines, value and both gradients, masked or not", () => {
    interface Case {
      readonly scale: number;
      readonly width: number;
      readonly queries: number[];
      readonly candidates: number[];
      readonly positives: number[];
      readonly mask: number[] | null;
      readonly loss: number;
      readonly gradients: readonly [number[], number[]];
    }
    for (const { scale, width, positives, mask, loss, gradients, ...inputs } of readGolden<readonly Case[]>(
      import.meta.url,
      'info-nce',
    )) {
      tidy(() => {
        const queries = tensor2d(inputs.queries, [inputs.queries.length / width, width]);
        const candidates = tensor2d(inputs.candidates, [inputs.candidates.length / width, width]);
        const got = lossAndGradients(queries, candidates, {
          scale,
          positives,
          ...(mask === null ? {} : { mask: maskOf(queries.shape[0]!, candidates.shape[0]!, mask) }),
        });
        expect(got.loss).toBeAllClose([loss], { atol: 1e-5, rtol: 1e-5 });
        expect(got.toQueries.dataSync()).toBeAllClose(gradients[0], { atol: 2e-5, rtol: 1e-4 });
        expect(got.toCandidates.dataSync()).toBeAllClose(gradients[1], { atol: 2e-5, rtol: 1e-4 });
      });
    }
  });

  it('has the gradient of finite differences', () => {
    tidy(() => {
      const options = { scale: 3, positives: [2, 0], mask: maskOf(2, 4, [1, 1, 1, 0, 1, 0, 1, 1]) };
      const f = (q: Tensor, c: Tensor) => infoNce(q, c, options);
      checkGradient(f, [normal([2, 3], 1), normal([4, 3], 2)]);
    });
  });

  it('is the loss without the candidate where a candidate is masked for every query', () => {
    tidy(() => {
      const queries = normal([3, 4], 1);
      const candidates = normal([5, 4], 2);
      const mask = maskOf(3, 5, [1, 1, 1, 1, 0, 1, 1, 1, 1, 0, 1, 1, 1, 1, 0]);
      const masked = infoNce(queries, candidates, { scale: 50, positives: [0, 1, 2], mask });
      const shorter = infoNce(queries, slice(candidates, [0, 0], [4, 4]), { scale: 50, positives: [0, 1, 2] });
      expect(masked.dataSync()).toEqual(shorter.dataSync());
    });
  });

  it('passes neither value nor gradient through a masked entry', () => {
    tidy(() => {
      // Candidate 2 is in no denominator, candidate 3 only in that of query 1.
      const options = { scale: 50, positives: [0, 1], mask: maskOf(2, 4, [1, 1, 0, 0, 1, 1, 0, 1]) };
      const queries = normal([2, 3], 1);
      const candidates = normal([4, 3], 2);
      const before = lossAndGradients(queries, candidates, options);
      const moved = add(candidates, tensor2d([0, 0, 0, 0, 0, 0, 4, -2, 9, 0, 0, 0], [4, 3]));
      const after = lossAndGradients(queries, moved, options);
      expect(after.loss.dataSync()).toEqual(before.loss.dataSync());
      expect(after.toQueries.dataSync()).toEqual(before.toQueries.dataSync());
      expect(Array.from(after.toCandidates.dataSync().slice(6, 9), Math.abs)).toEqual([0, 0, 0]);

      const moreMoved = add(candidates, tensor2d([0, 0, 0, 0, 0, 0, 0, 0, 0, 4, -2, 9], [4, 3]));
      const toFirstQuery = (c: Tensor) =>
        Array.from(lossAndGradients(queries, c, options).toQueries.dataSync().slice(0, 3));
      expect(toFirstQuery(moreMoved)).toEqual(toFirstQuery(candidates));
    });
  });

  it('equals the unmasked loss with a mask of ones', () => {
    tidy(() => {
      const options = { scale: 50, positives: [0, 1] };
      const [queries, candidates] = [normal([2, 3], 1), normal([4, 3], 2)];
      const masked = infoNce(queries, candidates, { ...options, mask: maskOf(2, 4, Array(8).fill(1)) });
      expect(masked.dataSync()).toEqual(infoNce(queries, candidates, options).dataSync());
    });
  });

  it('stays finite with vectors of zeros: all cosines are 0', () => {
    tidy(() => {
      const { loss, toQueries, toCandidates } = lossAndGradients(zeros([2, 3]), zeros([4, 3]), {
        scale: 50,
        positives: [0, 1],
      });
      expect(loss).toBeAllClose([Math.log(4)]);
      expect(toQueries).toBeAllClose(zeros([2, 3]));
      expect(toCandidates).toBeAllClose(zeros([4, 3]));
    });
  });

  it('centred, ignores a common shift and equals the plain form on vectors with the mean subtracted', () => {
    tidy(() => {
      const [queries, candidates] = [normal([3, 4], 1), normal([5, 4], 2)];
      const options = { scale: 10, positives: [0, 2, 4] };
      const moved = (x: Tensor, seed: number) => add(x, normal([1, 4], seed));
      const centred = infoNce(queries, candidates, { ...options, centre: true });
      expect(infoNce(moved(queries, 3), moved(candidates, 4), { ...options, centre: true })).toBeAllClose(centred);
      const off = (x: Tensor) => sub(x, mean(x, 0, true));
      expect(infoNce(off(queries), off(candidates), options)).toBeAllClose(centred);
      expect(infoNce(queries, candidates, options)).not.toBeAllClose(centred);
    });
  });

  it('is 0 without queries', () => {
    tidy(() => {
      expect(infoNce(zeros([0, 4]), normal([3, 4], 1), { scale: 50, positives: [] })).toBeAllClose([0]);
    });
  });

  it.each([
    ['queries: expected [N, D], got [4]', [4], [3, 4], [0], undefined],
    ['candidates: expected [M, 4], got [3, 5]', [2, 4], [3, 5], [0, 1], undefined],
    ['positives: expected [2], got [3]', [2, 4], [3, 4], [0, 1, 2], undefined],
    ['mask: expected [2, 3], got [2, 2]', [2, 4], [3, 4], [0, 1], maskOf(2, 2, [1, 1, 1, 1])],
  ] as const)('refuses %s', (message, queries, candidates, positives, mask) => {
    tidy(() => {
      const run = () =>
        infoNce(zeros([...queries]), zeros([...candidates]), { scale: 1, positives, ...(mask ? { mask } : {}) });
      expect(run).toThrow(ShapeError);
      expect(run).toThrow(`infoNce: ${message}`);
    });
  });

  it('refuses a positive that is not among the candidates, and a query without any candidate', () => {
    tidy(() => {
      const run = (positives: number[], mask?: NegativeMask) =>
        infoNce(normal([2, 4], 1), normal([3, 4], 2), { scale: 1, positives, ...(mask === undefined ? {} : { mask }) });
      expect(() => run([0, 3])).toThrow('infoNce: expected positive 1 among 3 candidates, got 3');
      expect(() => run([-1, 0])).toThrow('infoNce: expected positive 0 among 3 candidates, got -1');
      expect(() => run([Number.NaN, 0])).toThrow(RangeError);
      expect(() => run([0, 1], maskOf(2, 3, [1, 0, 0, 0, 0, 0]))).toThrow(
        'infoNce: expected a mask that leaves query 1 a candidate, got none',
      );
      expect(() => run([0, 1], maskOf(2, 3, [1, 0, 0, 1, 2, 0]))).toThrow(
        'infoNce: expected 0 or 1 in the mask, got 2 for query 1',
      );
    });
  });
});

it('infoNce refuses more pairs than maxPairs', () => {
  tidy(() => {
    const run = (maxPairs: number) => infoNce(zeros([2, 4]), zeros([3, 4]), { scale: 1, positives: [0, 1], maxPairs });
    expect(run(6).shape).toEqual([]);
    expect(() => run(5)).toThrow(
      'infoNce: expected at most 5 pairs (maxPairs), got 2 queries × 3 candidates = 6, which take about 1 MB; ' +
        'use a smaller batch or raise maxPairs',
    );
  });
});

function maskOf(queries: number, candidates: number, values: readonly number[]): NegativeMask {
  return { queries, candidates, values: Uint8Array.from(values) };
}
