export { type EngineFails, type EngineHealth, type EngineWorks, examineEngines, formatHealth } from './doctor.js';
export { ENGINE_NAMES, ENGINES, type EngineDescription, type EngineName } from './engine-descriptions.js';
export { EngineError } from './engine-error.js';
export { explainEngineFailure } from './explain-engine-failure.js';
export { type EngineReport, type PassedOver, type UseEngineOptions, useEngine } from './use-engine.js';
export { registerWasmKernels } from './wasm/register.js';
