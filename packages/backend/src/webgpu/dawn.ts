import { importPackage } from '../import-package.js';
import { inNode } from '../in-node.js';

/** Dawn, WebGPU for Node: the npm package `webgpu`. */
interface DawnModule {
  create(options: readonly string[]): GPU;
  readonly globals: Readonly<Record<string, unknown>>;
}

// Kept for good: Dawn's binding crashes when its instance is collected before the devices that came from it. On the global object, so
// that a second copy of this package shares it.
const DAWN = Symbol.for('@sifaka/backend/dawn');

/**
 * Runs `work` with `navigator.gpu` in place, which is where TensorFlow.js looks for it. In a browser it is there already; in Node it is
 * Dawn's, and is taken away again, so that other libraries do not take Node for a browser.
 *
 * @throws the module loader's own error where Node has no package `webgpu`.
 */
export async function withGpu<Result>(work: (gpu: GPU) => Promise<Result>): Promise<Result> {
  const present = globalThis.navigator?.gpu as GPU | undefined;
  if (present !== undefined) return work(present);
  if (!inNode()) throw new Error('this browser has no WebGPU (navigator.gpu)');

  const { create, globals } = (await importPackage('webgpu', 'webgpu')) as DawnModule;
  for (const [name, value] of Object.entries(globals)) {
    if (!(name in globalThis)) Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  }
  const place = globalThis as { [DAWN]?: GPU };
  place[DAWN] ??= create([]);
  const dawn = place[DAWN];
  const takeAway = putInNavigator(dawn);
  try {
    return await work(dawn);
  } finally {
    takeAway();
  }
}

/** Node 20 has no navigator at all; later ones have one without a GPU. */
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
