import path from 'node:path';
import { EngineError } from '@sifaka/backend';
import { parseInstallOptions } from '@sifaka/backend/internal';
import { describe, expect, it } from 'vitest';

describe('parseInstallOptions', () => {
  it('installs native TensorFlow for the CPU by default', () => {
    expect(parseInstallOptions([])).toEqual({
      engine: 'tensorflow',
      from: undefined,
      pythons: [],
      force: false,
      check: true,
    });
  });

  it('reads the engine, the source, several Pythons in their order, and the flags', () => {
    const words = ['tensorflow-gpu', '--from', 'pip', '--python', 'b', '--python=a', '--force', '--no-check'];
    expect(parseInstallOptions(words)).toEqual({
      engine: 'tensorflow-gpu',
      from: { kind: 'pip' },
      pythons: ['b', 'a'],
      force: true,
      check: false,
    });
    expect(parseInstallOptions(['--from', 'upstream']).from).toEqual({ kind: 'upstream' });
  });

  it('takes any other source as a folder, relative to the working folder', () => {
    expect(parseInstallOptions(['--from', 'x/y']).from).toEqual({ kind: 'folder', folder: path.resolve('x/y') });
  });

  it.each([
    [
      ['abacus'],
      /^Engine abacus: expected one of tensorflow, tensorflow-gpu, webgpu\. Try: npx @sifaka\/backend install$/,
    ],
    [['--fro', 'pip'], /^Engine tensorflow: Unknown option '--fro'\. Try: npx @sifaka\/backend install --help$/],
    [['--from'], /^Engine tensorflow: Option '--from <value>' argument missing\. Try: npx /],
    [['--from', ''], /expected --from to be pip, upstream or a folder, got nothing/],
    [
      ['tensorflow', 'webgpu'],
      /^Engine tensorflow: expected one engine, got also webgpu\. Try: npx .* install tensorflow$/,
    ],
    [['webgpu', '--from', 'pip'], /^Engine webgpu: .* takes no --from\. Try: npx .* install webgpu$/],
  ])('refuses %j in one line, with a command that helps', (words, message) => {
    expect(() => parseInstallOptions(words)).toThrow(message);
    expect(() => parseInstallOptions(words)).toThrow(expect.toSatisfy(EngineError.isInstance));
  });
});
