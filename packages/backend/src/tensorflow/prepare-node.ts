/**
 * What `@tensorflow/tfjs-node` 4.22 needs of Node before it is imported:
 *
 * - `util.isNullOrUndefined` and `util.isArray`, which it calls at every kernel. Node 23 took the first away (tensorflow/tfjs#8425), and
 *   the second warns of its end; they are put back on the `util` that CommonJS programs share, for this process only.
 * - `TF_CPP_MIN_LOG_LEVEL=2`, where the user has not set it: libtensorflow otherwise tells how it was compiled on every start. Errors
 *   are still printed.
 * - `TENSORFLOW_USE_CUSTOM_CONTRACTION_KERNEL=0`, where the user has not set it: with oneDNN's generated products, which
 *   libtensorflow 2.21 calls by this switch, signals (a profiler's clock, perhaps a Ctrl+C) corrupted the heap; with Eigen's own they
 *   did not. docs/native-tensorflow.md says what was seen.
 */
export function prepareNode(): void {
  const util = process.getBuiltinModule('node:util') as unknown as Record<string, unknown>;
  util['isNullOrUndefined'] = (value: unknown): boolean => value === null || value === undefined;
  util['isArray'] = Array.isArray;
  process.env['TF_CPP_MIN_LOG_LEVEL'] ??= '2';
  process.env['TENSORFLOW_USE_CUSTOM_CONTRACTION_KERNEL'] ??= '0';
}
