import { ENGINES } from '../engine-descriptions.js';
import { EngineError } from '../engine-error.js';
import { locatePackage } from '../import-package.js';
import { DRIVER_CHECK, readDriverVersion } from './nvidia-driver.js';

const LOAD = "require('node:util').isNullOrUndefined = (value) => value == null; require(process.argv[1]);";
const TIMEOUT_MS = 60_000;

/**
 * Explains why tfjs-node-gpu started without a GPU. libtensorflow gives the reason only on standard error, and only
 * while it starts. So this starts it once more, in another process, and reads its log.
 */
export function explainMissingGpu(): EngineError {
  const { spawnSync } = process.getBuiltinModule('node:child_process');
  const { fileURLToPath } = process.getBuiltinModule('node:url');
  const found = locatePackage('tensorflow-gpu', ENGINES['tensorflow-gpu'].packageName);
  const packagePath = found === undefined ? '' : fileURLToPath(found);
  const { stderr } = spawnSync(process.execPath, ['-e', LOAD, packagePath], {
    env: { ...process.env, TF_CPP_MIN_LOG_LEVEL: '0' },
    encoding: 'utf8',
    timeout: TIMEOUT_MS,
  });
  const driver = readDriverVersion();
  const said = gpuComplaint(stderr ?? '');
  const reason = [
    'it started, but found no GPU that it can use',
    driver === undefined ? undefined : `NVIDIA driver ${driver}`,
    said === undefined ? undefined : `libtensorflow says: ${said}`,
  ];
  const command = /dlopen|dynamic library|cannot open/i.test(said ?? '')
    ? 'npx @sifaka/backend install tensorflow-gpu --from pip --force'
    : DRIVER_CHECK;
  return new EngineError('tensorflow-gpu', reason.filter((part) => part !== undefined).join('; '), command);
}

/**
 * The line of libtensorflow's log that says why there is no GPU, without its timestamp and source location. An error
 * comes before a warning, and a warning before a note.
 */
export function gpuComplaint(log: string): string | undefined {
  const lines = log
    .split('\n')
    .map((line) => /(?:^|:\s)([EWI])(?:\d{4})?\s.*?\S+:\d+\]\s(.*)$/.exec(line))
    .filter(
      (match) => match !== null && /cuda|cuinit|gpu|driver/i.test(match[2]!) && !/Unable to register/.test(match[2]!),
    );
  const worst = ['E', 'W', 'I'].flatMap((level) => lines.filter((match) => match![1] === level));
  return worst[0]?.[2]?.trim();
}
