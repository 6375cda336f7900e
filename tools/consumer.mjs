// A user's project: a folder outside the repository that holds only what `npm install` puts into it.
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { root } from './pinned-pnpm.mjs';
import { readJson } from './published-packages.mjs';
import { runProgram } from './run-program.mjs';

const TYPESCRIPT = path.join(root, 'node_modules', 'typescript', 'bin', 'tsc');

// TypeScript and Node's types are the repository's, so that the project holds only what the README names.
const COMPILER_OPTIONS = {
  target: 'ES2022',
  lib: ['ES2023', 'DOM'],
  module: 'NodeNext',
  strict: true,
  skipLibCheck: true,
  types: ['node'],
  typeRoots: [path.join(root, 'node_modules', '@types')],
  outDir: 'out',
  rootDir: '.',
  noEmitOnError: true,
};

export class Consumer {
  #folder;

  /**
   * @param {string} folder Created if missing.
   * @param {{ overrides?: Record<string, string>, npmrc?: string }} options npm's `overrides` and `.npmrc`, which say
   *   where packages come from. Neither installs anything by itself.
   */
  constructor(folder, { overrides = {}, npmrc = '' } = {}) {
    this.#folder = folder;
    mkdirSync(folder, { recursive: true });
    this.#write('package.json', { name: 'consumer', private: true, type: 'module', overrides });
    writeFileSync(path.join(folder, '.npmrc'), npmrc);
  }

  /** @param {string[]} packages the arguments of `npm install`. */
  async install(packages) {
    const args = ['install', '--no-audit', '--no-fund', '--prefer-offline', ...packages];
    await runProgram('npm', args, { cwd: this.#folder });
  }

  /** @returns {{ location: string, version: string, resolved?: string }[]} every installed copy of a package. */
  copiesOf(name) {
    const { packages } = readJson(path.join(this.#folder, 'package-lock.json'));
    return Object.entries(packages)
      .filter(([location]) => location.endsWith(`node_modules/${name}`))
      .map(([location, { version, resolved }]) => ({ location, version, resolved }));
  }

  /** Type-checks one program by itself and compiles it for Node. */
  async compile(name, code) {
    writeFileSync(path.join(this.#folder, `${name}.ts`), code);
    this.#write(`tsconfig.${name}.json`, { compilerOptions: COMPILER_OPTIONS, files: [`${name}.ts`] });
    await runProgram(process.execPath, [TYPESCRIPT, '-p', `tsconfig.${name}.json`], { cwd: this.#folder });
  }

  /** Runs a program that {@link compile} has compiled. */
  async run(name) {
    await runProgram(process.execPath, [path.join('out', `${name}.js`)], { cwd: this.#folder });
  }

  #write(file, value) {
    writeFileSync(path.join(this.#folder, file), `${JSON.stringify(value, null, 2)}\n`);
  }
}
