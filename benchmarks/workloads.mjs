// The workloads. `sifaka` runs on every engine, or in Node alone. `pytorch` lists the usual ways to do the same in
// PyTorch, each with every thread count. The fastest of them is the reference.

const transformer = (size, shape) => ({
  name: `transformer-${size}`,
  title: `Training step of a transformer block, ${shape}`,
  workload: 'transformer-block',
  inputs: 'transformer-block',
  sifaka: { on: 'engines', options: { size } },
  pytorch: [{ name: 'PyTorch', options: { size } }],
  agree: 1e-4,
});

const embedding = (power, optimizers) => ({
  name: `embedding-1e${power}`,
  title: `Embedding update, table of 10^${power} × 16, 4,096 ids of 2,048 rows`,
  workload: 'embedding-update',
  sifaka: { on: 'engines', options: { rows: 10 ** power } },
  pytorch: optimizers.map((optimizer) => ({
    name: `PyTorch ${optimizer}`,
    options: { rows: 10 ** power, optimizer },
  })),
  agree: 1e-4,
});

const input = (part, title, { name = part, images = 'baseline', size = [32, 48], agree = 1e-3 } = {}) => ({
  name: `input-${name}`,
  title,
  workload: 'input-path',
  inputs: 'input-path',
  sifaka: { on: 'node', options: { part, images, size } },
  pytorch: (part === 'tokenise' ? ['Pillow'] : ['Pillow', 'Pillow, draft', 'torchvision']).map((decoder) => ({
    name: part === 'tokenise' ? 'tokenizers (Python)' : decoder,
    options: { part, decoder, images, size },
  })),
  agree,
});

export const WORKLOADS = [
  transformer('small', '64 × 16 tokens, width 64, 4 heads'),
  transformer('medium', '64 × 32 tokens, width 128, 4 heads'),
  transformer('large', '32 × 128 tokens, width 256, 8 heads'),
  {
    name: 'lemur-step',
    title: 'LEMUR step of npm start, 256 samples',
    workload: 'lemur-step',
    inputs: 'lemur-step',
    sifaka: { on: 'engines', options: {} },
    pytorch: [{ name: 'PyTorch', options: {} }],
    agree: 1e-4,
    memory: true,
    goals: { tensorflow: 1.2, wasm: 2 },
  },
  embedding(4, ['SparseAdam', 'Adam']),
  embedding(6, ['SparseAdam', 'Adam']),
  embedding(7, ['SparseAdam']),
  {
    name: 'light-gcn',
    title: 'LightGCN, 4 steps of 2,048 triples: 26,495 nodes, 118,551 edges, width 64, 2 layers',
    workload: 'light-gcn',
    inputs: 'light-gcn',
    sifaka: { on: 'engines', options: { steps: 4 } },
    pytorch: ['CSR', 'COO'].map((layout) => ({ name: `PyTorch, ${layout}`, options: { steps: 4, layout } })),
    agree: 1e-4,
    goals: { wasm: 1 },
  },
  input('decode', 'Input path: decode and resize 512 posters (128 × 192 JPEG to 32 × 48)'),
  input('decode', 'Input path: decode and resize 512 posters (85 × 128 progressive JPEG to 64 × 64)', {
    name: 'progressive-64',
    images: 'progressive',
    size: [64, 64],
  }),
  // libvips enlarges with a shift of up to half a pixel, so that the means differ by more.
  input('decode', 'Input path: decode and enlarge 512 posters (85 × 128 progressive JPEG to 224 × 224)', {
    name: 'progressive-224',
    images: 'progressive',
    size: [224, 224],
    agree: 1e-2,
  }),
  input('tokenise', 'Input path: tokenise the texts of 512 films'),
  { ...input('both', 'Input path, whole: decode, resize and tokenise 512 films'), goals: { node: 0.5 } },
];
