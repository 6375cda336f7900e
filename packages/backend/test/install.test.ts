import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import {
  bindingFolder,
  findNativePackage,
  findPython,
  installCommand,
  KERNELS_LIBRARY,
  npmInstall,
  placeBinding,
  prepareBindingFolder,
  prepareNode,
  replaceFolder,
  requireDiskSpace,
  runCommand,
  withStaging,
} from '@sifaka/backend/internal';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { temporaryFolder } from './temporary-folder.js';

const nothing = '/nonexistent/path';
const works = {
  name: 'tensorflow',
  works: true,
  version: '4.22.0',
  device: 'CPU',
  threads: 1,
  loss: { before: 2, after: 1 },
  stepMs: 1,
} as const;

// A machine with Node and nothing else, and an empty working folder.
const workingFolder = process.cwd();
beforeEach(() => {
  const folder = temporaryFolder();
  process.chdir(folder);
  vi.stubEnv('SIFAKA_HOME', path.join(folder, 'home'));
  vi.stubEnv('PATH', nothing);
  vi.stubEnv('CXX', undefined);
});
afterEach(() => {
  vi.unstubAllEnvs();
  process.chdir(workingFolder);
});

/** Runs `install` and returns its exit code and what it printed. */
async function install(...args: readonly string[]): Promise<{ code: number; error: string; log: string }> {
  const error: string[] = [];
  const log: string[] = [];
  const code = await installCommand(args, { print: (text) => log.push(text), printError: (text) => error.push(text) });
  return { code, error: error.join('\n'), log: log.join('\n') };
}

describe('install', () => {
  it('prints its usage', async () => {
    const { code, log } = await install('--help');
    expect(code).toBe(0);
    expect(log).toMatch(/^Usage: npx @sifaka\/backend install/);
  });

  it('says that there is no compiler, and how to get one', async () => {
    const { code, error } = await install('tensorflow');
    expect(code).toBe(1);
    expect(error).toMatch(
      /^Engine tensorflow: there is no C\+\+ compiler \(looked for c\+\+, g\+\+, clang\+\+\)\. Try: \S+ .+$/,
    );
    vi.stubEnv('CXX', '/opt/none/cc');
    expect((await install('tensorflow')).error).toContain('(looked for /opt/none/cc)');
  });

  it('says that its folder cannot be written to', async () => {
    vi.stubEnv('SIFAKA_HOME', path.join(process.execPath, 'home')); // Not even root can make a folder in a file.
    const { code, error } = await install('tensorflow');
    expect(code).toBe(1);
    expect(error).toMatch(
      /cannot write to .* \(ENOTDIR\)\. Try: export SIFAKA_HOME=ANOTHER_FOLDER; npx @sifaka\/backend install tensorflow$/,
    );
  });

  it('leaves nothing behind if it fails', async () => {
    await install('tensorflow');
    expect(readdirSync(process.env['SIFAKA_HOME']!)).toEqual([]);
  });

  it('refuses a GPU engine in one line before it fetches gigabytes', async () => {
    const { code, error } = await install('tensorflow-gpu');
    expect(code).toBe(1);
    expect(error).toMatch(/^Engine tensorflow-gpu: [^\n]+\. Try: [^\n]+$/);
  });
});

describe('a missing part is named:', () => {
  it('Python, or its pip', async () => {
    expect(await findPython('tensorflow', [])).toBeUndefined();
    // Node is a program without "-m pip".
    await expect(findPython('tensorflow', [process.execPath])).rejects.toThrow(`${process.execPath} has no pip. Try: `);
    await expect(findPython('tensorflow', [nothing])).rejects.toThrow(`there is no Python ${nothing}. Try: `);
  });

  it('a Python that --python names, even if the path has another', async () => {
    const folder = temporaryFolder();
    const python = path.join(folder, 'python3');
    writeFileSync(python, '#!/bin/sh\necho "pip 24.0 from here"\n', { mode: 0o755 });
    vi.stubEnv('PATH', `${folder}${path.delimiter}/bin${path.delimiter}/usr/bin`);
    expect(await findPython('tensorflow', [])).toEqual({ command: 'python3', description: 'pip 24.0 of python3' });
    await expect(findPython('tensorflow', [nothing])).rejects.toThrow(`there is no Python ${nothing}. Try: `);
    await expect(findPython('tensorflow', [process.execPath])).rejects.toThrow(`${process.execPath} has no pip`);
    expect(await findPython('tensorflow', [nothing, python])).toMatchObject({ command: python });
  });

  it('npm', async () => {
    const folder = temporaryFolder();
    await expect(npmInstall('tensorflow', folder, ['x'])).rejects.toThrow('there is no npm on the path. Try: ');
  });

  it('space on the disk', () => {
    expect(() => requireDiskSpace('tensorflow', '/', 1e9)).toThrow(
      /expected 1000000000 GB free in \/ during the installation, got /,
    );
    requireDiskSpace('tensorflow', '/', 0);
  });

  it('write access to the package', () => {
    expect(() => prepareBindingFolder('tensorflow', path.join(process.execPath, 'lib'))).toThrow(
      /cannot write to .*ENOTDIR/,
    );
  });
});

describe('withStaging', () => {
  it('gives a folder that is removed afterwards, even after an error, and removes those of killed processes', async () => {
    // This process has ended, so its id is free.
    const { stdout } = await runCommand(process.execPath, ['-p', 'process.pid']);
    const home = temporaryFolder({ [`.installing-${stdout.trim()}/x`]: '', 'tensorflow/y': '' });
    await expect(
      withStaging('tensorflow', home, async (staging) => {
        writeFileSync(path.join(staging, 'half'), '');
        throw new Error('on the way');
      }),
    ).rejects.toThrow('on the way');
    expect(readdirSync(home)).toEqual(['tensorflow']);
    expect(await withStaging('tensorflow', home, async (staging) => existsSync(staging))).toBe(true);
    expect(readdirSync(home)).toEqual(['tensorflow']);
  });
});

describe('placeBinding', () => {
  const place = (prove: Parameters<typeof placeBinding>[2], before?: string) => {
    const folder = temporaryFolder({
      [`lib/.tfjs_binding.node.${process.pid}`]: 'new',
      ...(before === undefined ? {} : { 'lib/tfjs_binding.node': before, [`lib/${KERNELS_LIBRARY}`]: before }),
    });
    const lib = path.join(folder, 'lib');
    prepareBindingFolder('tensorflow', lib);
    const read = () => readdirSync(lib).map((name) => [name, readFileSync(path.join(lib, name), 'utf8')]);
    return { done: placeBinding('tensorflow', lib, prove), read };
  };
  const broken = {
    name: 'tensorflow',
    works: false,
    device: 'CPU',
    reason: 'it is broken',
    command: 'fix it',
  } as const;

  it('installs a binding that trains, and removes the kernels of the old one', async () => {
    const { done, read } = place(async () => works, 'old');
    expect(await done).toEqual(works);
    expect(read()).toEqual([['tfjs_binding.node', 'new']]);
  });

  it('restores the old one if the new one does not train', async () => {
    const { done, read } = place(async () => broken, 'old');
    await expect(done).rejects.toThrow('Engine tensorflow: it is broken. Try: fix it');
    expect(read()).toEqual([
      [KERNELS_LIBRARY, 'old'],
      ['tfjs_binding.node', 'old'],
    ]);
  });

  it('leaves none if there was none', async () => {
    const { done, read } = place(async () => broken);
    await expect(done).rejects.toThrow('it is broken');
    expect(read()).toEqual([]);
  });
});

describe('findNativePackage', () => {
  const manifest = JSON.stringify({
    version: '4.22.0',
    binary: { module_path: './lib/napi-v{napi_build_version}', napi_versions: [3, 8, 99] },
  });
  const add = (folder: string) => {
    const home = path.join(folder, 'node_modules/@tensorflow/tfjs-node');
    mkdirSync(path.join(home, 'binding'), { recursive: true });
    writeFileSync(path.join(home, 'package.json'), manifest);
    return home;
  };

  it("finds the engine's own package, but prefers the project's", () => {
    expect(findNativePackage('tensorflow')).toBeUndefined();
    const own = add(path.join(process.env['SIFAKA_HOME']!, 'tensorflow'));
    expect(findNativePackage('tensorflow')).toEqual({ folder: own, version: '4.22.0', own: true });
    const project = add(process.cwd());
    expect(findNativePackage('tensorflow')).toEqual({ folder: project, version: '4.22.0', own: false });
  });

  it('knows the folder of the binding: that of the newest Node-API of both the package and Node', () => {
    const home = add(process.cwd());
    expect(bindingFolder(home)).toBe(path.join(home, 'lib/napi-v8'));
  });
});

it('replaceFolder swaps a folder for the one made aside', () => {
  const folder = temporaryFolder({ 'made/new': '', 'place/old': '' });
  replaceFolder(path.join(folder, 'made'), path.join(folder, 'place'), path.join(folder, 'aside'));
  expect(readdirSync(path.join(folder, 'place'))).toEqual(['new']);
  expect(readdirSync(folder).sort()).toEqual(['aside', 'place']);
});

describe('prepareNode', () => {
  it('restores the functions that tfjs-node calls, and keeps variables that the user has set', async () => {
    vi.stubEnv('TF_CPP_MIN_LOG_LEVEL', undefined);
    vi.stubEnv('TENSORFLOW_USE_CUSTOM_CONTRACTION_KERNEL', undefined);
    prepareNode();
    const { createRequire } = await import('node:module');
    const util = createRequire(import.meta.url)('util') as Record<string, (value: unknown) => boolean>;
    expect([null, undefined, 0, ''].map((value) => util['isNullOrUndefined']!(value))).toEqual([
      true,
      true,
      false,
      false,
    ]);
    expect([[], {}].map((value) => util['isArray']!(value))).toEqual([true, false]);
    expect(process.env['TF_CPP_MIN_LOG_LEVEL']).toBe('2');
    expect(process.env['TENSORFLOW_USE_CUSTOM_CONTRACTION_KERNEL']).toBe('0');
    vi.stubEnv('TF_CPP_MIN_LOG_LEVEL', '0');
    prepareNode();
    expect(process.env['TF_CPP_MIN_LOG_LEVEL']).toBe('0');
  });
});
