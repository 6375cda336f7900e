import { importPackage } from '../import-package.js';
import { inNode } from '../in-node.js';

/** Dawn, WebGPU for Node: the npm package `webgpu`. */
interface DawnModule {
  create(options: readonly string[]): GPU;
  readonly globals: Readonly<Record<string, unknown>>;
}

// Never released: Dawn's binding crashes if its instance is collected before the devices that it made. It is on the
// global object, so that a second copy of this package shares it.
const DAWN = Symbol.for('@sifaka/backend/dawn');

/**
 * Runs `work` while `navigator.gpu`, which TensorFlow.js needs, exists. A browser has one. In Node it is Dawn's, and it
 * is removed afterwards, so that other libraries do not mistake Node for a browser.
 *
 * @throws the module loader's own error if Node has no package `webgpu`.
 */
export async function withGpu<Result>(work: (gpu: GPU) => Promise<Result>): Promise<Result> {
  const present = globalThis.navigator?.gpu as GPU | undefined;
  if (present !== undefined) return work(present);
  if (!inNode()) throw new Error('this browser has no WebGPU (navigator.gpu)');

  const { create, globals } = (await importPackage('webgpu', 'webgpu')) as DawnModule;
  for (const [name, value] of Object.entries(globals)) {
    if (!(name in globalThis)) Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  }
  const holder = globalThis as { [DAWN]?: GPU };
  holder[DAWN] ??= create([]);
  const dawn = holder[DAWN];
  const remove = putInNavigator(dawn);
  try {
    return await work(dawn);
  } finally {
    remove();
  }
}

/**
 * Puts a GPU into `navigator`. Node 20 has no navigator; later versions have one without a GPU.
 *
 * @returns a function that removes it.
 */
function putInNavigator(gpu: GPU): () => void {
  const { navigator } = globalThis as { navigator?: Navigator };
  if (navigator !== undefined) {
    Object.defineProperty(navigator, 'gpu', { value: gpu, configurable: true });
    return () => Reflect.deleteProperty(navigator, 'gpu');
  }
  const value = { gpu, userAgent: `Node.js/${process.versions.node}` };
  Object.defineProperty(globalThis, 'navigator', { value, configurable: true });
  return () => Reflect.deleteProperty(globalThis, 'navigator');
}
