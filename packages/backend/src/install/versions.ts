/** The version of libtensorflow that pip fetches: the newest one tested (docs/native-tensorflow.md). */
export const TENSORFLOW_VERSION = '2.21.0';

/** The version of tfjs-node that is installed if the project has none. */
export const TFJS_NODE_VERSION = '4.22.0';

/** Node's C headers for native addons; from npm, so that no other host is needed. */
export const NODE_API_HEADERS_VERSION = '1.9.0';

/** The oldest NVIDIA driver for CUDA 12, which the wheel is built with (NVIDIA: CUDA minor version compatibility). */
export const OLDEST_DRIVER = '525.60.13';

/** The packages of the webgpu engine: Dawn, and TensorFlow.js' kernels for it. */
export const WEBGPU_PACKAGES = ['webgpu@0.6.2', '@tensorflow/tfjs-backend-webgpu@4.22.0'] as const;
