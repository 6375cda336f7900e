import { USE_LESS_MEMORY } from '../engine.js';
import { EngineError } from '../engine-error.js';

/** Codes of `CUresult` that the engine tells apart. */
export const CUDA_SUCCESS = 0;
export const CUDA_OUT_OF_MEMORY = 2;

/** What helps, by the driver's name of the error. */
const HELP: Readonly<Record<string, string>> = {
  CUDA_ERROR_OUT_OF_MEMORY: USE_LESS_MEMORY,
  CUDA_ERROR_NO_DEVICE:
    'nvidia-smi lists the GPUs; CUDA_VISIBLE_DEVICES must name one of them, a container needs --gpus all, and the ' +
    'user needs read and write permission on /dev/nvidia*',
  CUDA_ERROR_INVALID_DEVICE: 'nvidia-smi lists the GPUs; CUDA_VISIBLE_DEVICES must name one of them',
  CUDA_ERROR_OPERATING_SYSTEM: 'read and write permission on /dev/nvidia* (ls -l /dev/nvidia*)',
  CUDA_ERROR_NOT_PERMITTED: 'read and write permission on /dev/nvidia* (ls -l /dev/nvidia*)',
  CUDA_ERROR_SYSTEM_DRIVER_MISMATCH: 'restart the machine: the driver was updated, but the old one still runs',
  CUDA_ERROR_DEVICE_UNAVAILABLE: 'nvidia-smi says which process holds the GPU',
  CUDA_ERROR_UNSUPPORTED_PTX_VERSION: 'a driver of version 525 or newer (nvidia-smi prints the version)',
  CUDA_ERROR_INVALID_PTX: 'a GPU of compute capability 7.5 (Turing) or newer',
  CUDA_ERROR_NO_BINARY_FOR_GPU: 'a GPU of compute capability 7.5 (Turing) or newer',
  CUDA_ERROR_ECC_UNCORRECTABLE: 'nvidia-smi -q -d ECC: the memory of the GPU may be defective',
};

/** Errors after which the driver refuses everything: only a new process can use the GPU again. */
export const DEVICE_LOST: RegExp =
  /CUDA_ERROR_(ILLEGAL_|LAUNCH_|ASSERT|HARDWARE_|MISALIGNED_|ECC_|DEVICE_UNAVAILABLE|UNKNOWN)/;

/**
 * An error of the driver, with the call that failed, what was asked, and what helps.
 *
 * @param call name of the driver's function.
 * @param asked what the call was for, in words.
 * @param name the driver's name of the error, such as `CUDA_ERROR_NO_DEVICE`.
 * @param text the driver's sentence about it.
 */
export function driverError(call: string, asked: string, name: string, text: string): EngineError {
  const help =
    HELP[name] ?? (DEVICE_LOST.test(name) ? 'start the program again; npx @sifaka/backend doctor' : undefined);
  return new EngineError('cuda', `${asked}: ${call} returned ${name} (${text})`, help ?? 'nvidia-smi');
}
