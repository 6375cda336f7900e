import path from 'node:path';
import { parseArgs } from 'node:util';
import { EngineError } from '../engine-error.js';

/** The engines that `install` can add. */
export const INSTALLABLE = ['tensorflow', 'tensorflow-gpu', 'webgpu'] as const;

export type InstallableEngine = (typeof INSTALLABLE)[number];

/** Where libtensorflow comes from. */
export type LibrarySource =
  | { readonly kind: 'pip' }
  | { readonly kind: 'upstream' }
  | { readonly kind: 'folder'; readonly folder: string };

export interface InstallOptions {
  readonly engine: InstallableEngine;
  /** `undefined`: pip if there is one, otherwise upstream's download. */
  readonly from: LibrarySource | undefined;
  /** Python programs whose pip is tried, in order. None: those on the path. */
  readonly pythons: readonly string[];
  /** Build again even if the engine works. */
  readonly force: boolean;
  /** Train a step at the end. Off for an image that is built on a machine without the GPU. */
  readonly check: boolean;
}

export const INSTALL_COMMAND = 'npx @sifaka/backend install';

export const INSTALL_USAGE = `Usage: npx @sifaka/backend install [tensorflow | tensorflow-gpu | webgpu] [options]

Installs an engine that npm alone cannot install. tensorflow (the default) and tensorflow-gpu build the binding of
@tensorflow/tfjs-node against a current libtensorflow, in your project's copy of the package if it has one.

--from pip       libtensorflow from TensorFlow's wheel, through your own pip (the default if you have pip)
--from upstream  libtensorflow as @tensorflow/tfjs-node's own installer downloads it (2.9.1)
--from FOLDER    libtensorflow in a folder: include/ and lib/ of a release, or the tensorflow folder of a wheel
--python PATH    a Python whose pip to use instead of python3's; may be given several times, tried in order
--force          build again even if the engine works
--no-check       do not train a step at the end (to build an image on a machine without the GPU)

Everything but your project's binding is kept in $SIFAKA_HOME, by default in your cache folder.`;

/**
 * Parses the words after `install`. Makes a folder's path absolute, but does not look into the folder.
 *
 * @throws {@link EngineError} for an unknown engine, option or value.
 */
export function parseInstallOptions(args: readonly string[]): InstallOptions {
  const { values, positionals } = parse(args);
  const [engine = 'tensorflow', ...rest] = positionals;
  if (!isInstallable(engine))
    throw new EngineError(engine, `expected one of ${INSTALLABLE.join(', ')}`, INSTALL_COMMAND);
  if (rest.length > 0)
    throw new EngineError(engine, `expected one engine, got also ${rest.join(' ')}`, `${INSTALL_COMMAND} ${engine}`);
  if (engine === 'webgpu' && values.from !== undefined) {
    throw new EngineError(engine, 'webgpu comes from npm and takes no --from', `${INSTALL_COMMAND} webgpu`);
  }
  return {
    engine,
    from: values.from === undefined ? undefined : parseSource(engine, values.from),
    pythons: values.python ?? [],
    force: values.force ?? false,
    check: !(values['no-check'] ?? false),
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        from: { type: 'string' },
        python: { type: 'string', multiple: true },
        force: { type: 'boolean' },
        'no-check': { type: 'boolean' },
      },
    });
  } catch (error) {
    // "Unknown option '--x'. To specify a positional argument starting with ...": the first sentence is enough.
    const reason = (error as Error).message.split(/[.\n]/, 1)[0]!;
    throw new EngineError('tensorflow', reason, `${INSTALL_COMMAND} --help`);
  }
}

function parseSource(engine: InstallableEngine, from: string): LibrarySource {
  if (from === 'pip' || from === 'upstream') return { kind: from };
  if (from === '')
    throw new EngineError(
      engine,
      'expected --from to be pip, upstream or a folder, got nothing',
      `${INSTALL_COMMAND} --help`,
    );
  return { kind: 'folder', folder: path.resolve(from) };
}

function isInstallable(name: string): name is InstallableEngine {
  return (INSTALLABLE as readonly string[]).includes(name);
}
