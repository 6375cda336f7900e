import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { adoptLibrary, findAdopted, readLibraryTarget, readTensorFlowFolder } from '@sifaka/backend/internal';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from './temporary-folder.js';

// The first bytes of the libraries in the wheels of TensorFlow 2.21.0, and of a universal file after Apple's
// mach-o/fat.h.
const BEGINNINGS = {
  'libtensorflow_cc.so.2': '7f454c460201010000000000000000000300b7000100000000000000000000004000000000000000',
  'libtensorflow_cc.2.dylib': 'cffaedfe0c000001000000000600000017000000a80b00008580910000000000',
  'tensorflow_cc.2.dll': `4d5a7800010000000400000000000000${'00'.repeat(44)}78000000${'00'.repeat(56)}504500006486`,
  'universal.dylib': `cafebabe00000002${'01000007'.padEnd(40, '0')}${'0100000c'.padEnd(40, '0')}`,
} as const;
const bytes = (name: keyof typeof BEGINNINGS) => Buffer.from(BEGINNINGS[name], 'hex');

const HEADER = 'include/tensorflow/c/c_api.h';
// Node itself has the header of a library for this machine.
const HERE = readFileSync(process.execPath).subarray(0, 4096);
const HERE_TARGET = `${process.platform} ${process.arch}`;
const [API, FRAMEWORK] =
  process.platform === 'darwin'
    ? ['libtensorflow.2.dylib', 'libtensorflow_framework.2.dylib']
    : ['libtensorflow.so.2', 'libtensorflow_framework.so.2'];

describe('readLibraryTarget', () => {
  it('recognises this machine', () => {
    const { platform, arch } = readLibraryTarget(process.execPath);
    expect(platform).toBe(process.platform);
    expect(arch).toContain(process.arch);
  });

  it.each([
    ['libtensorflow_cc.so.2', { platform: 'linux', arch: ['arm64'] }],
    ['libtensorflow_cc.2.dylib', { platform: 'darwin', arch: ['arm64'] }],
    ['tensorflow_cc.2.dll', { platform: 'win32', arch: ['x64'] }],
    ['universal.dylib', { platform: 'darwin', arch: ['x64', 'arm64'] }],
  ] as const)('recognises %s by its first bytes', (name, target) => {
    const folder = temporaryFolder({ [name]: bytes(name) });
    expect(readLibraryTarget(path.join(folder, name))).toEqual(target);
  });

  it('names a file that is not a library', () => {
    const folder = temporaryFolder({ empty: '', text: 'INPUT(libtensorflow.so.2)', short: 'MZ' });
    expect(() => readLibraryTarget(path.join(folder, 'empty'))).toThrow(/empty is empty \(0 bytes\)$/);
    expect(() => readLibraryTarget(path.join(folder, 'text'))).toThrow(/text is not a shared library$/);
    expect(() => readLibraryTarget(path.join(folder, 'short'))).toThrow(/short is not a shared library$/);
  });
});

describe('readTensorFlowFolder', () => {
  it('recognises a release: include/ and lib/', () => {
    const folder = temporaryFolder({ [HEADER]: '', [`lib/${API}`]: HERE, [`lib/${FRAMEWORK}`]: HERE });
    expect(readTensorFlowFolder('tensorflow', folder)).toEqual({
      include: path.join(folder, 'include'),
      libraries: [path.join(folder, 'lib', API), path.join(folder, 'lib', FRAMEWORK)],
      cuda: undefined,
    });
  });

  it('recognises a wheel, by its tensorflow folder or the one around it, with CUDA beside it', () => {
    const site = temporaryFolder({
      [`tensorflow/${HEADER}`]: '',
      [`tensorflow/${API}`]: HERE,
      'nvidia/cudnn/lib/x': '',
    });
    const expected = {
      include: path.join(site, 'tensorflow', 'include'),
      libraries: [path.join(site, 'tensorflow', API)],
      cuda: path.join(site, 'nvidia'),
    };
    expect(readTensorFlowFolder('tensorflow', site)).toEqual(expected);
    expect(readTensorFlowFolder('tensorflow', path.join(site, 'tensorflow'))).toEqual(expected);
  });

  it('names the problem, and the command that fixes it', () => {
    const read = (files: Record<string, string | Uint8Array>) => () =>
      readTensorFlowFolder('tensorflow', temporaryFolder(files));
    expect(read({})).toThrow(
      /has no include.tensorflow.c.c_api\.h.* Try: npx @sifaka\/backend install tensorflow --from pip$/,
    );
    expect(read({ [HEADER]: '' })).toThrow(/has no libtensorflow_cc/);
    expect(read({ [HEADER]: '', [API]: '' })).toThrow(/is empty \(0 bytes\)/);
    expect(() => readTensorFlowFolder('tensorflow', '/nowhere/at/all')).toThrow(/there is no folder \/nowhere/);
    expect(() => readTensorFlowFolder('tensorflow', process.execPath)).toThrow(/is not a folder \(unpack a wheel/);
  });

  it.each(
    [
      { name: 'libtensorflow_cc.so.2', target: 'linux arm64' },
      { name: 'libtensorflow_cc.2.dylib', target: 'darwin arm64' },
      { name: 'tensorflow_cc.2.dll', target: 'win32 x64' },
    ].filter(({ target }) => target !== HERE_TARGET) as { name: keyof typeof BEGINNINGS; target: string }[],
  )('refuses the wheel of another machine with $name', ({ name, target }) => {
    const folder = temporaryFolder({ [HEADER]: '', [name]: bytes(name) });
    const message = `${name} is for ${target}, this Node is for ${HERE_TARGET}`;
    expect(() => readTensorFlowFolder('tensorflow', folder)).toThrow(message);
  });
});

describe('adoptLibrary', () => {
  const release = () => {
    const folder = temporaryFolder({ [HEADER]: 'c', 'include/tensorflow/core/big.h': 'x', [`lib/long-name`]: HERE });
    symlinkSync('long-name', path.join(folder, 'lib', API));
    return folder;
  };
  const adopt = (home: string, folder: string, staging: string) => {
    mkdirSync(staging, { recursive: true });
    const source = readTensorFlowFolder('tensorflow', folder);
    return adoptLibrary(source, { engineHome: path.join(home, 'tensorflow'), staging, origin: folder });
  };

  it('copies the library under the name that the loader looks for, and only the headers of the C API', () => {
    const [home, folder] = [temporaryFolder(), release()];
    const { folder: place, libraries, fresh } = adopt(home, folder, path.join(home, 'staging'));
    expect(fresh).toBe(true);
    expect(libraries).toEqual([API]);
    expect(readFileSync(path.join(place, 'lib', API))).toEqual(HERE);
    expect(readdirSync(path.join(place, 'include', 'tensorflow'))).toEqual(['c']);
    expect(readdirSync(path.join(folder, 'lib')).sort()).toEqual([API, 'long-name'].sort());
  });

  it('takes the same library once, finds it again by its origin, and keeps another one beside it', () => {
    const [home, folder] = [temporaryFolder(), release()];
    const first = adopt(home, folder, path.join(home, 'staging'));
    expect(adopt(home, folder, path.join(home, 'staging'))).toEqual({ ...first, fresh: false });
    expect(findAdopted(path.join(home, 'tensorflow'), folder)).toEqual({ ...first, fresh: false });
    expect(findAdopted(path.join(home, 'tensorflow'), 'elsewhere')).toBeUndefined();
    writeFileSync(path.join(folder, 'lib', 'long-name'), Buffer.concat([HERE, HERE]));
    const second = adopt(home, folder, path.join(home, 'staging'));
    expect(second.folder).not.toBe(first.folder);
    expect(readFileSync(path.join(first.folder, 'lib', API))).toEqual(HERE);
  });

  it('moves a staged library', () => {
    const home = temporaryFolder({
      [`staging/wheel/${HEADER}`]: '',
      [`staging/wheel/${API}`]: HERE,
      'staging/nvidia/x': '',
    });
    const staging = path.join(home, 'staging');
    const { folder } = adopt(home, path.join(staging, 'wheel'), staging);
    rmSync(staging, { recursive: true });
    expect(readdirSync(folder).sort()).toEqual(['include', 'lib', 'nvidia', 'origin.json']);
  });
});
