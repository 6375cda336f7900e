/** The processor behind a WebGPU adapter. */
export interface AdapterDescription {
  /** Vendor, architecture and driver in words. */
  readonly device: string;
  /**
   * True for a CPU that emulates a GPU, such as SwiftShader and llvmpipe: correct, but far slower than the wasm engine.
   */
  readonly software: boolean;
}

/** The fields of `GPUAdapterInfo` that are read here; older browsers leave some out. */
export interface AdapterFacts {
  readonly vendor?: string;
  readonly architecture?: string;
  readonly device?: string;
  readonly description?: string;
  readonly isFallbackAdapter?: boolean;
}

const SOFTWARE = /swiftshader|llvmpipe|lavapipe|softpipe|basic render|warp|software/i;

/** Puts the facts about an adapter into words, and recognises software by its name. */
export function describeAdapter({
  vendor = '',
  architecture = '',
  device = '',
  description = '',
  isFallbackAdapter = false,
}: AdapterFacts): AdapterDescription {
  const name = [vendor, architecture].filter(Boolean).join(' ');
  const words = [name, device, description].filter((word, i, all) => word !== '' && all.indexOf(word) === i);
  const software = isFallbackAdapter || words.some((word) => SOFTWARE.test(word));
  const kind = software ? 'CPU that emulates a GPU' : 'GPU';
  return { device: `${kind} (${words.length === 0 ? 'unnamed adapter' : words.join(', ')})`, software };
}
