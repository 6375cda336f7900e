/** The engines Sifaka can run on, best first: the order in which `auto` tries them. */
export const ENGINE_NAMES = ['tensorflow-gpu', 'webgpu', 'tensorflow', 'wasm', 'cpu'] as const;

export type EngineName = (typeof ENGINE_NAMES)[number];

/** How an engine is started and what a user does when it is not there. */
export interface EngineDescription {
  /** The npm package that carries the engine. */
  readonly packageName: string;
  /** The name under which TensorFlow.js registers it. */
  readonly backendName: string;
  /** Where it computes, in words. */
  readonly device: string;
  /** The command that makes a missing engine work. */
  readonly command: string;
}

export const ENGINES: Readonly<Record<EngineName, EngineDescription>> = {
  'tensorflow-gpu': {
    packageName: '@tensorflow/tfjs-node-gpu',
    backendName: 'tensorflow',
    device: 'NVIDIA GPU (CUDA)',
    command: 'npx @sifaka/backend install tensorflow-gpu',
  },
  webgpu: {
    packageName: '@tensorflow/tfjs-backend-webgpu',
    backendName: 'webgpu',
    device: 'GPU (Vulkan, Metal, Direct3D)',
    command: 'npx @sifaka/backend install webgpu',
  },
  tensorflow: {
    packageName: '@tensorflow/tfjs-node',
    backendName: 'tensorflow',
    device: 'CPU, native TensorFlow',
    command: 'npx @sifaka/backend install tensorflow',
  },
  wasm: {
    packageName: '@tensorflow/tfjs-backend-wasm',
    backendName: 'wasm',
    device: 'CPU, WebAssembly',
    command: 'npm install @tensorflow/tfjs-backend-wasm',
  },
  cpu: {
    packageName: '@tensorflow/tfjs-backend-cpu',
    backendName: 'cpu',
    device: 'CPU, plain JavaScript (reference; slow)',
    command: 'npm install @tensorflow/tfjs-backend-cpu',
  },
};
