import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import { backend, env } from '@tensorflow/tfjs-core';
import { type Engine, USE_LESS_MEMORY } from '../engine.js';
import { ENGINES } from '../engine-descriptions.js';
import { explainStartFailure } from '../explain-start-failure.js';
import { inNode } from '../in-node.js';
import { makeCurrent } from '../make-current.js';
import { guardMemory, OUT_OF_WASM_MEMORY } from './guard-memory.js';
import { kernelsOf } from './kernels-module.js';
import { locateBinary } from './locate-binary.js';
import { registerWasmKernels } from './register.js';
import { shareEngineMemory } from './share-engine-memory.js';
import { threadCount } from './thread-count.js';

/** TensorFlow.js on WebAssembly with our kernels: runs in Node and in every browser. */
export const wasm: Engine = {
  name: 'wasm',
  runtimeFailures: [
    {
      message: new RegExp(`${OUT_OF_WASM_MEMORY}|Cannot enlarge memory`),
      reason: 'out of memory',
      help: USE_LESS_MEMORY,
    },
    {
      message: /^Aborted|memory access out of bounds|^unreachable$/,
      reason: 'the engine crashed',
      help: USE_LESS_MEMORY,
    },
  ],

  async start({ wasmUrl }) {
    env().set('PROD', true); // Silences the banner that recommends tfjs-node; the report says it better.
    const engine = await import('@tensorflow/tfjs-backend-wasm');
    // Our kernels share the engine's memory. The threaded build keeps its memory to itself, and Node cannot start that
    // build.
    env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
    if (!inNode()) locateBinary(engine, wasmUrl);
    else if (threadCount() > 1) await shareEngineMemory(engine);
    await makeCurrent('wasm');
    await registerWasmKernels();
    guardMemory(backend() as BackendWasm);
  },

  async report() {
    const { version_wasm } = await import('@tensorflow/tfjs-backend-wasm');
    const { threads } = kernelsOf(backend() as BackendWasm);
    return { version: version_wasm, device: ENGINES.wasm.device, threads };
  },

  explain(error) {
    return inNode()
      ? explainStartFailure('wasm', error)
      : explainStartFailure('wasm', error, "useEngine('wasm', { wasmUrl }), with the URL of the engine's .wasm file");
  },
};
