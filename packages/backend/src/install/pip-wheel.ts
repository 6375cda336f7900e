import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { EngineError } from '../engine-error.js';
import type { PythonWithPip } from './find-python.js';
import { INSTALL_COMMAND, type InstallableEngine } from './install-options.js';
import { runCommand, tellingLine } from './run-command.js';
import { TENSORFLOW_VERSION } from './versions.js';

// A Python version for which the wheel exists. Only the library in it is used, so the user's own version does not
// matter.
const WHEEL_PYTHON = '3.12';

/** The platform tags of wheels that a machine can load, in pip's names. */
const PLATFORM_TAGS: Readonly<Record<string, readonly string[]>> = {
  'linux x64': ['manylinux_2_28_x86_64', 'manylinux_2_27_x86_64', 'manylinux_2_17_x86_64', 'manylinux2014_x86_64'],
  'linux arm64': [
    'manylinux_2_28_aarch64',
    'manylinux_2_27_aarch64',
    'manylinux_2_17_aarch64',
    'manylinux2014_aarch64',
  ],
  'darwin arm64': ['macosx_12_0_arm64'],
};

/** The wheel on the package index that has libtensorflow for an engine on this machine. */
export function wheelName(engine: InstallableEngine): string {
  // On processors other than x64, the plain wheel is the one without CUDA.
  return engine === 'tensorflow' && process.arch === 'x64' ? 'tensorflow-cpu' : 'tensorflow';
}

/**
 * Lets pip fetch TensorFlow's wheel into a folder, without its Python dependencies. For the GPU, pip also fetches the
 * CUDA wheels that this TensorFlow requires (its extra `and-cuda`), and chooses their versions.
 *
 * @returns the folder `tensorflow` of the wheel.
 * @throws {@link EngineError} that quotes pip.
 */
export async function fetchWheel(engine: InstallableEngine, python: PythonWithPip, folder: string): Promise<string> {
  const machine = `${process.platform} ${process.arch}`;
  const tags = PLATFORM_TAGS[machine];
  const name = wheelName(engine);
  if (tags === undefined) {
    throw new EngineError(
      engine,
      `there is no wheel ${name} ${TENSORFLOW_VERSION} for ${machine}`,
      `${INSTALL_COMMAND} ${engine} --from FOLDER`,
    );
  }
  await pipInstall(engine, python, folder, tags, ['--no-deps', `${name}==${TENSORFLOW_VERSION}`]);
  if (engine === 'tensorflow-gpu') await pipInstall(engine, python, folder, tags, cudaRequirements(folder));
  return path.join(folder, 'tensorflow');
}

async function pipInstall(
  engine: InstallableEngine,
  { command, description }: PythonWithPip,
  folder: string,
  tags: readonly string[],
  what: readonly string[],
): Promise<void> {
  const target = [
    '--target',
    folder,
    '--only-binary=:all:',
    '--implementation',
    'cp',
    '--python-version',
    WHEEL_PYTHON,
  ];
  const platforms = tags.flatMap((tag) => ['--platform', tag]);
  const { code, output } = await runCommand(
    command,
    ['-m', 'pip', 'install', '--no-compile', '--upgrade', ...target, ...platforms, ...what],
    // pip first unpacks into the temporary folder; on the same disk, the move is a rename. The rest keeps personal
    // settings out.
    {
      env: {
        TMPDIR: path.dirname(folder),
        PIP_DISABLE_PIP_VERSION_CHECK: '1',
        PIP_ROOT_USER_ACTION: 'ignore',
        PIP_REQUIRE_VIRTUALENV: 'false',
        PIP_USER: 'false',
      },
    },
  );
  if (code !== 0)
    throw new EngineError(engine, `${description} failed: ${pipReason(output)}`, pipRemedy(engine, output));
}

/** The last of pip's errors; those before it are about single attempts. */
export function pipReason(output: string): string {
  const errors = output.split('\n').filter((line) => /^ERROR:/.test(line));
  return (
    errors
      .at(-1)
      ?.replace(/^ERROR: /, '')
      .trim() ?? tellingLine(output)
  );
}

function pipRemedy(engine: InstallableEngine, output: string): string {
  if (/No space left on device/.test(output))
    return `export SIFAKA_HOME=FOLDER_ON_A_LARGER_DISK; ${INSTALL_COMMAND} ${engine}`;
  if (/no such option/.test(output)) return 'python3 -m pip install --upgrade pip';
  return `${INSTALL_COMMAND} ${engine} --from FOLDER`;
}

/** The CUDA wheels that the installed TensorFlow declares, as requirements for pip. */
function cudaRequirements(folder: string): string[] {
  const info = readdirSync(folder).find((name) => /^tensorflow-.*\.dist-info$/.test(name)) ?? '';
  return parseCudaRequirements(readFileSync(path.join(folder, info, 'METADATA'), 'utf8'));
}

/** `Requires-Dist: nvidia-cublas-cu12<13.0,>=12.5.3.2; extra == "and-cuda"` → `nvidia-cublas-cu12<13.0,>=12.5.3.2`. */
export function parseCudaRequirements(metadata: string): string[] {
  return [...metadata.matchAll(/^Requires-Dist: ([^;\n]+?) *; *extra == ["']and-cuda["']\s*$/gm)].map(
    ([, text]) => text!,
  );
}
