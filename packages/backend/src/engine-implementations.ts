import { cpu } from './cpu/engine.js';
import { cuda } from './cuda/engine.js';
import type { Engine } from './engine.js';
import { ENGINE_NAMES, type EngineName } from './engine-descriptions.js';
import { tensorflow, tensorflowGpu } from './tensorflow/engine.js';
import { wasm } from './wasm/engine.js';
import { webgpu } from './webgpu/engine.js';

const IMPLEMENTATIONS: Readonly<Record<EngineName, Engine>> = {
  cuda,
  'tensorflow-gpu': tensorflowGpu,
  webgpu,
  tensorflow,
  wasm,
  cpu,
};

/** The code of all engines, best first. */
export const ENGINE_IMPLEMENTATIONS: readonly Engine[] = ENGINE_NAMES.map((name) => IMPLEMENTATIONS[name]);
