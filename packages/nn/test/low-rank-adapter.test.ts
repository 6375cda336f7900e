import {
  AdamW,
  BLOCK_TARGETS,
  exportParameters,
  importParameters,
  Linear,
  LowRankAdapter,
  type Module,
  type NamedParameters,
  SelfAttention,
  Transformer,
  targetPaths,
  unknownTarget,
} from '@sifaka/nn';
import { expectGoldenGradients, goldenTensors, normal, readGolden } from '@sifaka/test-kit';
import {
  add,
  concat,
  matMul,
  mean,
  mul,
  profile,
  type Scalar,
  square,
  sub,
  sum,
  type Tensor,
  tensor,
  tidy,
  type Variable,
  variableGrads,
  zeros,
} from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

interface Golden {
  readonly options: { readonly dim: number; readonly heads: number };
  readonly rank: number;
  readonly alpha: number;
  /** safetensors in base64 */
  readonly weights: string;
  readonly factors: string;
  readonly gradients: string;
  readonly merged: string;
  readonly tokens: number[];
  readonly upstream: number[];
  readonly output: number[];
}

const EXACTLY = { atol: 0, rtol: 0 };
const makeTransformer = () => new Transformer({ dim: 4, depth: 2, heads: 2, hiddenDim: 6, seed: 1 });

/** Draws all factors, because `up` starts at zero. */
function draw(parameters: NamedParameters): void {
  tidy(() => {
    let seed = 10;
    for (const factor of parameters.values()) factor.assign(normal(factor.shape, seed++, { deviation: 0.3 }));
  });
}

describe('LowRankAdapter', () => {
  it("equals peft's LoraConfig on packed attention: forward, gradients of A and B, merged weights", () => {
    const { options, rank, alpha, ...golden } = readGolden<Golden>(import.meta.url, 'lora');
    const attention = new SelfAttention({ ...options, seed: 1 });
    importParameters(attention.parameters, goldenTensors(golden.weights));
    const adapter = new LowRankAdapter(attention, { rank, alpha, seed: 1 });
    importParameters(adapter.parameters, goldenTensors(golden.factors));
    tidy(() => {
      const [tokens, upstream] = [tensor(golden.tokens), tensor(golden.upstream)];
      expect(adapter.module.forward(tokens)).toBeAllClose(golden.output);
      const loss = () => sum(mul(adapter.module.forward(tokens), upstream)) as Scalar;
      expectGoldenGradients(loss, adapter.parameters, golden.gradients);
      adapter.merge();
      expect(adapter.module.forward(tokens)).toBeAllClose(golden.output);
      const merged = goldenTensors(golden.merged);
      expect(merged.size).toBe(2);
      for (const [path, { data }] of merged) {
        expect(attention.parameters.get(path)!, path).toBeAllClose(data, { atol: 1e-6 });
      }
    });
    adapter.dispose();
  });

  it('changes nothing at the start', () => {
    const transformer = makeTransformer();
    tidy(() => {
      const tokens = normal([2, 3, 4], 2);
      const before = transformer.forward(tokens);
      const adapter = new LowRankAdapter(transformer, { rank: 2, seed: 1 });
      expect(adapter.module.forward(tokens)).toBeAllClose(before, EXACTLY);
      adapter.dispose();
    });
  });

  it('offers only the factors as parameters, of every Linear or of the targets', () => {
    const names = (targets?: readonly string[]) => {
      const adapter = new LowRankAdapter(makeTransformer(), { rank: 1, seed: 1, ...(targets && { targets }) });
      const { targets: adapted, parameters } = adapter;
      expect([...parameters.keys()]).toEqual(adapted.flatMap((path) => [`${path}.down`, `${path}.up`]));
      adapter.dispose();
      return adapted;
    };
    const linears = ['attention.input', 'attention.output', 'feedForward.expand', 'feedForward.contract'];
    expect(names()).toEqual([0, 1].flatMap((i) => linears.map((path) => `blocks.${i}.${path}`)));
    expect(names(['attention.output', 'attention.input'])).toEqual(
      [0, 1].flatMap((i) => [`blocks.${i}.attention.input`, `blocks.${i}.attention.output`]),
    );
    expect(names(['blocks.1.feedForward.expand'])).toEqual(['blocks.1.feedForward.expand']);
  });

  it('gives equal Linears different factors, and the same for the same seed', () => {
    const downs = [1, 1, 2].map((seed) => {
      const adapter = new LowRankAdapter(makeTransformer(), { rank: 2, seed, targets: ['attention.output'] });
      const values = exportParameters(adapter.parameters);
      adapter.dispose();
      return [0, 1].map((i) => [...values.get(`blocks.${i}.attention.output.down`)!.data]);
    });
    expect(downs[0]![0]).not.toEqual(downs[0]![1]);
    expect(downs[0]).toEqual(downs[1]);
    expect(downs[0]).not.toEqual(downs[2]);
  });

  it('changes the output of some queries as it does the whole', () => {
    const adapter = new LowRankAdapter(new SelfAttention({ dim: 4, heads: 2, seed: 1 }), { rank: 2, seed: 1 });
    draw(adapter.parameters);
    tidy(() => {
      const tokens = normal([1, 3, 4], 2);
      const all = adapter.module.forward(tokens).arraySync() as number[][][];
      expect(adapter.module.forward(tokens, { queries: 2 })).toBeAllClose([all[0]!.slice(0, 2)]);
    });
    adapter.dispose();
  });

  it('asks the engine for no gradient of a frozen weight', async () => {
    const adapter = new LowRankAdapter(new Linear({ inputDim: 4, outputDim: 5, seed: 1 }), { rank: 1, seed: 1 });
    const products = async (parameters: NamedParameters) => {
      const { kernels } = await profile(() =>
        tidy(() => {
          variableGrads(() => sum(adapter.module.forward(normal([2, 4], 2))) as Scalar, [...parameters.values()]);
        }),
      );
      const ofWeight = ([shape]: (number[] | null)[]) => shape?.join() === '4,5';
      return kernels.filter(({ name, outputShapes }) => name === 'BatchMatMul' && ofWeight(outputShapes)).length;
    };
    expect(await products(adapter.parameters)).toBe(0);
    expect(await products(adapter.module.parameters)).toBe(1);
    adapter.dispose();
  });

  it('learns a change of rank 1, and leaves the weights as they are', () => {
    const base = new Linear({ inputDim: 6, outputDim: 5, seed: 1 });
    const before = exportParameters(base.parameters);
    const adapter = new LowRankAdapter(base, { rank: 1, seed: 2 });
    const optimizer = new AdamW(adapter.parameters, { weightDecay: 0 });
    const losses: number[] = [];
    tidy(() => {
      const x = normal([32, 6], 3);
      const target = add(base.forward(x), matMul(x, matMul(normal([6, 1], 4), normal([1, 5], 5))));
      for (let step = 0; step < 150; step++) {
        tidy(() => {
          const { value, grads } = variableGrads(
            () => mean(square(sub(adapter.module.forward(x), target))) as Scalar,
            [...adapter.parameters.values()],
          );
          losses.push(value.dataSync()[0]!);
          const gradients = new Map([...adapter.parameters].map(([path, { name }]) => [path, grads[name]!]));
          optimizer.apply(gradients, { learningRate: 0.1 });
        });
      }
    });
    expect(losses[0]).toBeGreaterThan(1);
    expect(losses.at(-1)).toBeLessThan(1e-3);
    expect(exportParameters(base.parameters)).toEqual(before);
    optimizer.dispose();
    adapter.dispose();
  });
});

describe('LowRankAdapter.merge', () => {
  it('computes the same within rounding, and unmerge restores every bit', () => {
    const adapter = new LowRankAdapter(makeTransformer(), { rank: 2, alpha: 3, seed: 1 });
    draw(adapter.parameters);
    const before = exportParameters(adapter.module.parameters);
    tidy(() => {
      const tokens = normal([2, 3, 4], 2);
      const beside = adapter.module.forward(tokens);
      adapter.merge();
      expect(adapter.isMerged).toBe(true);
      expect(adapter.module.forward(tokens)).toBeAllClose(beside, { atol: 1e-6, rtol: 1e-6 });
      expect(exportParameters(adapter.module.parameters)).not.toEqual(before);
      adapter.unmerge();
      expect(adapter.isMerged).toBe(false);
      expect(exportParameters(adapter.module.parameters)).toEqual(before);
      expect(adapter.module.forward(tokens)).toBeAllClose(beside, EXACTLY);
    });
    adapter.dispose();
  });

  it('is refused twice, and unmerge before it; a merged adapter disposes its copies', () => {
    const adapter = new LowRankAdapter(new Linear({ inputDim: 2, outputDim: 2, seed: 1 }), { rank: 1, seed: 1 });
    expect(() => adapter.unmerge()).toThrow(
      'LowRankAdapter.unmerge: expected merged updates, got updates beside the weights',
    );
    adapter.merge();
    expect(() => adapter.merge()).toThrow('LowRankAdapter.merge: expected updates beside the weights, got merged ones');
    adapter.dispose();
    adapter.dispose();
    expect([...adapter.parameters.values()].every(({ isDisposed }) => isDisposed)).toBe(true);
    expect(adapter.module.weight.isDisposed).toBe(true);
  });
});

interface Forward extends Module {
  forward(x: Tensor): Tensor;
}

interface Viewable extends Forward {
  frozenView(): Forward;
}

describe('LowRankAdapter of a frozen view', () => {
  const shared: readonly [string, () => Viewable][] = [
    ['Linear', () => new Linear({ inputDim: 4, outputDim: 4, seed: 1 })],
    ['SelfAttention', () => new SelfAttention({ dim: 4, heads: 2, seed: 1 })],
  ];

  it.each(shared)('learns beside a %s that learns elsewhere', (_, make) => {
    const base = make();
    const history = new LowRankAdapter(base.frozenView(), { rank: 2, seed: 1 });
    draw(history.parameters);
    tidy(() => {
      const [x, past, upstream] = [normal([2, 3, 4], 2), normal([2, 3, 4], 3), normal([2, 3, 4], 4)];
      const target = () => sum(mul(base.forward(x), upstream)) as Scalar;
      const reading = () => sum(mul(history.module.forward(past), upstream)) as Scalar;
      const weights: Variable[] = [...base.parameters.values()];
      const factors: Variable[] = [...history.parameters.values()];
      const { grads } = variableGrads(() => add(target(), reading()), [...weights, ...factors]);
      const alone = { ...variableGrads(target, weights).grads, ...variableGrads(reading, factors).grads };
      for (const { name } of [...weights, ...factors]) expect(grads[name]!).toBeAllClose(alone[name]!, EXACTLY);

      // The view follows the weights, and the base has no update.
      const unadapted = base.forward(past);
      expect(history.module.forward(past)).not.toBeAllClose(unadapted);
      for (const variable of weights) variable.assign(mul(variable as Tensor, 2) as Tensor);
      expect(base.forward(past)).not.toBeAllClose(unadapted);
      for (const variable of factors) variable.assign(mul(variable as Tensor, 0) as Tensor);
      expect(history.module.forward(past)).toBeAllClose(base.forward(past), EXACTLY);
    });
    history.dispose();
    expect([...base.parameters.values()].some(({ isDisposed }) => isDisposed)).toBe(false);
    base.dispose();
  });

  it('refuses to merge, because the viewed module would change', () => {
    const base = new SelfAttention({ dim: 4, heads: 2, seed: 1 });
    const before = exportParameters(base.parameters);
    const history = new LowRankAdapter(base.frozenView(), { rank: 2, seed: 1 });
    draw(history.parameters);
    expect(() => history.merge()).toThrow(
      'LowRankAdapter.merge: expected weights of its own, got a frozenView: the weight of input belongs to the module',
    );
    expect(history.isMerged).toBe(false);
    expect(exportParameters(base.parameters)).toEqual(before);
    history.dispose();
    base.dispose();
  });
});

describe('LowRankAdapter on parts of a packed projection', () => {
  const makeAttention = () => new SelfAttention({ dim: 4, heads: 2, seed: 1 });
  const make = (targets: readonly string[]) =>
    new LowRankAdapter(makeAttention(), { rank: 2, alpha: 3, targets, seed: 2 });

  it('names them by path, with factors of their own width', () => {
    const adapter = new LowRankAdapter(makeTransformer(), {
      rank: 1,
      targets: ['query', 'blocks.1.attention.value'],
      seed: 1,
    });
    expect(adapter.targets).toEqual([
      'blocks.0.attention.query',
      'blocks.1.attention.query',
      'blocks.1.attention.value',
    ]);
    expect([...adapter.parameters].map(([path, { shape }]) => [path, shape])).toEqual(
      adapter.targets.flatMap((path) => [
        [`${path}.down`, [4, 1]],
        [`${path}.up`, [1, 4]],
      ]),
    );
    const paths = targetPaths(adapter.module);
    const inBlocks = [0, 1].flatMap((block) => BLOCK_TARGETS.map((target) => `blocks.${block}.${target}`));
    expect([...paths].sort()).toEqual(inBlocks.sort());
    expect(unknownTarget(paths, ['query', 'attention.output', 'blocks.1.attention.key'])).toBeUndefined();
    for (const name of ['banana.query', 'tention.query', 'blocks.2.attention.key', 'attention', '']) {
      expect(unknownTarget(paths, ['value', name])).toBe(name);
    }
    adapter.dispose();
  });

  it.each([[['query', 'value']], [['key']], [['query', 'key', 'value']], [['value']]])(
    '%s: adds α/r · down · up to their columns alone, merged or not, for all queries or the first',
    (targets) => {
      const [adapter, plain] = [make(targets), makeAttention()];
      draw(adapter.parameters);
      tidy(() => {
        const delta = ['query', 'key', 'value'].map((name) => {
          const [down, up] = ['down', 'up'].map((factor) => adapter.parameters.get(`${name}.${factor}`));
          return down ? mul(matMul(down as Tensor, up as Tensor), 3 / 2) : zeros([4, 4]);
        });
        plain.input.weight.assign(add(plain.input.weight as Tensor, concat(delta, 1)));
        const x = normal([2, 3, 4], 3);
        const compare = () => {
          expect(adapter.module.input.effectiveWeight()).toBeAllClose(plain.input.weight as Tensor, { atol: 1e-6 });
          expect(adapter.module.forward(x)).toBeAllClose(plain.forward(x), { atol: 1e-5 });
          expect(adapter.module.forward(x, { queries: 2 })).toBeAllClose(plain.forward(x, { queries: 2 }), {
            atol: 1e-5,
          });
        };
        compare();
        adapter.merge();
        compare();
        adapter.unmerge();
        compare();
      });
      adapter.dispose();
      plain.dispose();
    },
  );

  it('gives the gradients of finite differences', () => {
    const adapter = make(['query', 'value']);
    draw(adapter.parameters);
    tidy(() => {
      const [x, upstream] = [normal([1, 3, 4], 3), normal([1, 3, 4], 4)];
      const variables = [...adapter.parameters.values()];
      const starts = variables.map((variable) => variable.clone());
      const loss = () => sum(mul(adapter.module.forward(x), upstream)) as Scalar;
      const { grads } = variableGrads(loss, variables);
      variables.forEach((variable, i) => {
        const direction = normal(variable.shape, 20 + i);
        const [up, down] = [1, -1].map((sign) => {
          variable.assign(add(starts[i]!, mul(direction, sign * 1e-2)));
          return loss().dataSync()[0]!;
        });
        variable.assign(starts[i]!);
        const slope = sum(mul(grads[variable.name]!, direction)).dataSync()[0]!;
        expect((up! - down!) / 2e-2).toBeCloseTo(slope, 2);
      });
    });
    adapter.dispose();
  });
});

describe('LowRankAdapter refuses', () => {
  const make = (options: object, module: Module = new SelfAttention({ dim: 4, heads: 2, seed: 1 })) => {
    try {
      new LowRankAdapter(module, { rank: 1, seed: 1, ...options });
    } finally {
      module.dispose();
    }
  };

  it.each([0, -1, 1.5, Number.NaN])('rank %s', (rank) => {
    expect(() => make({ rank })).toThrow(
      `LowRankAdapter: input: expected rank to be a whole number from 1, got ${rank}`,
    );
  });

  it('a rank above the smaller side of a weight, naming both', () => {
    const wide = new Linear({ inputDim: 8, outputDim: 3, seed: 1 });
    expect(() => make({ rank: 4 }, wide)).toThrow(
      'LowRankAdapter: expected rank to be at most 3, the smaller side of the weight [8, 3], got 4',
    );
    expect(() => make({ rank: 5 })).toThrow(
      'LowRankAdapter: input: expected rank to be at most 4, the smaller side of the weight [4, 12], got 5',
    );
  });

  it.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])('α %s', (alpha) => {
    expect(() => make({ alpha })).toThrow(`expected alpha to be a number above 0, got ${alpha}`);
  });

  it('a seed that is not a whole number', () => {
    expect(() => make({ seed: 0.5 })).toThrow('LowRankAdapter: expected seed to be a whole number, got 0.5');
  });

  it('a packed projection together with a part of it', () => {
    expect(() => make({ targets: ['input', 'value'] })).toThrow(
      "LowRankAdapter: expected 'input' or its part 'value' as a target, got both",
    );
  });

  it('unknown targets, no targets and modules without a Linear', () => {
    const list = "LowRankAdapter: expected targets among 'input', 'output', 'query', 'key', 'value', got";
    expect(() => make({ targets: ['output', 'put'] })).toThrow(`${list} 'put'`);
    expect(() => make({ targets: [''] })).toThrow(`${list} ''`);
    expect(() => make({ targets: [] })).toThrow(`${list} none`);
    expect(() => make({}, { parameters: new Map(), dispose: () => {} })).toThrow(
      'LowRankAdapter: expected a module with a Linear inside, got one without',
    );
  });

  it('a module that is adapted already, merged or not, and changes nothing of it', () => {
    const adapter = new LowRankAdapter(new SelfAttention({ dim: 4, heads: 2, seed: 1 }), {
      rank: 1,
      seed: 1,
      targets: ['output'],
    });
    const again = () => new LowRankAdapter(adapter.module, { rank: 1, seed: 1 });
    const message = 'LowRankAdapter: output: expected a Linear without an update, got one that has';
    expect(again).toThrow(message);
    adapter.merge();
    expect(again).toThrow(message);
    expect(adapter.module.input.update).toBeUndefined();
    adapter.dispose();
  });
});

it('a view can be adapted again after its adapter was disposed', () => {
  const base = new Linear({ inputDim: 2, outputDim: 2, seed: 1 });
  const view = base.frozenView();
  const first = new LowRankAdapter(view, { rank: 1, seed: 1 });
  first.dispose();
  const second = new LowRankAdapter(view, { rank: 1, seed: 1 });
  first.dispose();
  expect(second.module.update).toBeDefined();
  second.dispose();
  base.dispose();
});
