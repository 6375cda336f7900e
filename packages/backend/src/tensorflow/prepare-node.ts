/**
 * Prepares Node for `@tensorflow/tfjs-node` 4.22. Call it before the package is imported. It sets:
 *
 * - `util.isNullOrUndefined` and `util.isArray`, which the package calls in every kernel. Node 23 removed the first
 *   (tensorflow/tfjs#8425), and the second prints a deprecation warning. Both are set on the `util` that all CommonJS
 *   modules of this process share.
 * - `TF_CPP_MIN_LOG_LEVEL=2`, by default: libtensorflow otherwise prints at every start how it was compiled. It still
 *   prints errors, and libtensorflow 2.21 one note about oneDNN.
 * - `TENSORFLOW_USE_CUSTOM_CONTRACTION_KERNEL=0`, by default: libtensorflow 2.21 then uses Eigen's own products. With
 *   oneDNN's generated ones, signals (a profiler's timer, perhaps Ctrl+C) corrupted the heap. docs/native-tensorflow.md
 *   has the details.
 */
export function prepareNode(): void {
  const util = process.getBuiltinModule('node:util') as unknown as Record<string, unknown>;
  util['isNullOrUndefined'] = (value: unknown): boolean => value === null || value === undefined;
  util['isArray'] = Array.isArray;
  process.env['TF_CPP_MIN_LOG_LEVEL'] ??= '2';
  process.env['TENSORFLOW_USE_CUSTOM_CONTRACTION_KERNEL'] ??= '0';
}
