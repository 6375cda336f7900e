// Exports for this package's own tests, beyond its public API. Not published: `publishConfig.exports` leaves this entry
// out, and its names may change at any time.
export type { CudaBackend } from './cuda/cuda-backend.js';
export { Device } from './cuda/device.js';
export { KERNEL_MODULES, SOURCES_SHA256 } from './cuda/kernels.generated.js';
export { doctorCommand } from './doctor-command.js';
export { adoptLibrary, findAdopted } from './install/adopt-library.js';
export { bindingFolder, findNativePackage } from './install/find-package.js';
export { findPython } from './install/find-python.js';
export { installCommand } from './install/install-command.js';
export { parseInstallOptions } from './install/install-options.js';
export { explainBinding } from './install/load-binding.js';
export { npmInstall, npmReason, replaceFolder } from './install/npm-packages.js';
export { parseCudaRequirements, pipReason } from './install/pip-wheel.js';
export { placeBinding, prepareBindingFolder } from './install/place-binding.js';
export { runCommand, tellingLine } from './install/run-command.js';
export { readLibraryTarget } from './install/shared-library.js';
export { requireDiskSpace, withStaging } from './install/staging.js';
export { readTensorFlowFolder } from './install/tensorflow-folder.js';
export { downloadReason } from './install/upstream-download.js';
export { explainLoadFailure } from './tensorflow/explain-load-failure.js';
export { KERNELS_LIBRARY } from './tensorflow/kernels-library.js';
export { gpuComplaint } from './tensorflow/missing-gpu.js';
export { isOlder, parseDriverVersion } from './tensorflow/nvidia-driver.js';
export { prepareNode } from './tensorflow/prepare-node.js';
export { KERNELS_BASE64, RELAXED_KERNELS_BASE64 } from './wasm/kernels.generated.js';
export { withSharedMemory } from './wasm/shared-memory.js';
export { threadCount } from './wasm/thread-count.js';
export { ThreadPool } from './wasm/thread-pool.js';
