import { SparseMatrix } from '@sifaka/nn';
import {
  BprMf,
  bprLoss,
  buildRetrievalData,
  Em3,
  Freedom,
  LightGcn,
  propagate,
  type RetrievalModel,
  userItemGraph,
  Vbpr,
} from '@sifaka/retrieval';
import type { Tensor, Variable } from '@tensorflow/tfjs-core';
import type { ContractCase, Operation } from '../contract-case.js';
import { Draw } from '../draw.js';
import { moduleCase } from './module-case.js';

const draw = new Draw('retrieval');
const features = (dim: number) => ({ dim, values: draw.float([4, dim]).values as Float32Array });
const EDGES = { users: [0, 0, 1, 2, 2], items: [0, 1, 1, 2, 3] };
const data = buildRetrievalData({
  ...EDGES,
  parts: new Uint8Array(5),
  features: { image: features(5), text: features(3) },
});
const BATCH = {
  users: Int32Array.of(0, 1, 2, 0),
  positives: Int32Array.of(1, 1, 3, 0),
  negatives: Int32Array.of(2, 3, 0, 3),
};
const OPTIONS = { data, dim: 4, seed: 1 };

/** Each item is linked with itself and the next one. */
function makeItemGraph(): SparseMatrix {
  const rows = [0, 0, 1, 1, 2, 2, 3, 3];
  const columns = rows.map((row, i) => (row + (i % 2)) % 4);
  return new SparseMatrix({ shape: [4, 4], rows, columns, values: rows.map(() => 0.5) });
}

/** The loss of a batch, and the vectors that rank. */
function modelCases(make: (graph: SparseMatrix) => RetrievalModel): ContractCase[] {
  const module = (): RetrievalModel => {
    const graph = makeItemGraph();
    const model = make(graph);
    return {
      parameters: model.parameters,
      loss: (batch, step) => model.loss(batch, step),
      vectors: () => model.vectors(),
      dispose: () => {
        model.dispose();
        graph.dispose();
      },
    };
  };
  return [
    moduleCase({ name: 'loss', module, inputs: [], forward: (_, model) => model.loss(BATCH, 3) }),
    moduleCase({
      name: 'vectors',
      module,
      inputs: [],
      forward: (_, model) => {
        const { users, items } = model.vectors();
        return [users, items];
      },
    }),
  ];
}

export const RETRIEVAL: readonly Operation[] = [
  {
    name: 'propagate',
    precision: 'sum',
    cases: [0, 2].map((layers) =>
      moduleCase({
        name: `${layers} layers`,
        module: () => {
          const graph = userItemGraph(3, 4, EDGES);
          return { parameters: new Map<string, Variable>(), graph, dispose: () => graph.dispose() };
        },
        inputs: [draw.float([7, 3])],
        forward: ([x], { graph }) => propagate(graph, x!, layers),
      }),
    ),
  },
  {
    name: 'bprLoss',
    precision: 'module',
    cases: [1, 4].map((size) => ({
      name: `${size} triples`,
      inputs: [draw.float([size, 3]), draw.float([size, 3]), draw.float([size, 3])],
      forward: ([users, positives, negatives]: readonly Tensor[]) => bprLoss(users!, positives!, negatives!),
      magnitude: 5,
    })),
  },
  { name: 'BprMf', precision: 'module', cases: modelCases(() => new BprMf(OPTIONS)) },
  { name: 'Vbpr', precision: 'module', cases: modelCases(() => new Vbpr(OPTIONS)) },
  { name: 'LightGcn', precision: 'module', cases: modelCases(() => new LightGcn(OPTIONS)) },
  {
    name: 'Freedom',
    precision: 'module',
    cases: modelCases((itemGraph) => new Freedom({ ...OPTIONS, itemGraph, modalityWeight: 0.5 })),
  },
  {
    name: 'Em3',
    precision: 'module',
    cases: modelCases((itemGraph) => new Em3({ ...OPTIONS, itemGraph, heads: 2, cic: { weight: 0.5 } })),
  },
];
