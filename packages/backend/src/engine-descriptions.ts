/** The engines that Sifaka can run on, best first: the order in which `auto` tries them. */
export const ENGINE_NAMES = ['cuda', 'tensorflow-gpu', 'webgpu', 'tensorflow', 'wasm', 'cpu'] as const;

/** Name of an engine, as in `useEngine` and `SIFAKA_ENGINE`. */
export type EngineName = (typeof ENGINE_NAMES)[number];

/** The facts about an engine that are known before it starts. */
export interface EngineDescription {
  /** The npm package of the engine. */
  readonly packageName: string;
  /** TensorFlow.js' name of the engine's backend. Both forms of native TensorFlow have the same. */
  readonly backendName: string;
  /** The hardware that computes, in words. */
  readonly device: string;
  /** The command that installs or repairs the engine. */
  readonly command: string;
  /** Whether `auto` may choose it. The reference is too slow to train on by accident, and `cuda` is not complete yet. */
  readonly automatic: boolean;
}

/** The description of each engine. Its code is in the folder of its name: see `engine-implementations.ts`. */
export const ENGINES: Readonly<Record<EngineName, EngineDescription>> = {
  cuda: {
    packageName: '@sifaka/backend',
    backendName: 'cuda',
    device: 'NVIDIA GPU (driver only)',
    command: 'nvidia-smi',
    automatic: false,
  },
  'tensorflow-gpu': {
    packageName: '@tensorflow/tfjs-node-gpu',
    backendName: 'tensorflow',
    device: 'NVIDIA GPU (CUDA)',
    command: 'npx @sifaka/backend install tensorflow-gpu',
    automatic: true,
  },
  webgpu: {
    packageName: '@tensorflow/tfjs-backend-webgpu',
    backendName: 'webgpu',
    device: 'GPU (Vulkan, Metal, Direct3D)',
    command: 'npx @sifaka/backend install webgpu',
    automatic: true,
  },
  tensorflow: {
    packageName: '@tensorflow/tfjs-node',
    backendName: 'tensorflow',
    device: 'CPU, native TensorFlow',
    command: 'npx @sifaka/backend install tensorflow',
    automatic: true,
  },
  wasm: {
    packageName: '@tensorflow/tfjs-backend-wasm',
    backendName: 'wasm',
    device: 'CPU, WebAssembly',
    command: 'npm install @tensorflow/tfjs-backend-wasm',
    automatic: true,
  },
  cpu: {
    packageName: '@tensorflow/tfjs-backend-cpu',
    backendName: 'cpu',
    device: 'CPU, plain JavaScript (reference; slow)',
    command: 'npm install @tensorflow/tfjs-backend-cpu',
    automatic: false,
  },
};
