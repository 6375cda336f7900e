// What a user gets: packs every package, checks each tarball, installs all of them with plain npm in a folder outside the
// repository, and there type-checks and runs every ```ts block of every README. Run it by `npm run check:packages`.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pinnedPnpm, root, toolEnvironment } from './pinned-pnpm.mjs';

const SHIPPED = /^((dist|src)\/.+|native\/[a-z_]+\.(cc|h)|README\.md|LICENSE|CHANGELOG\.md|package\.json)$/;
const REQUIRED = ['README.md', 'LICENSE', 'package.json', 'dist/index.js', 'dist/index.d.ts', 'src/index.ts'];
const TESTS = /(^|\/)(tests?|__tests__|__fixtures__)\/|\.(test|spec)\./;

const folder = mkdtempSync(path.join(tmpdir(), 'sifaka-packages-'));
const consumer = path.join(folder, 'consumer');
const failures = [];
let passed = 0;

const packages = readPackages();
const built = check('all packages', 'build', () =>
  run(...pnpm('exec', 'turbo', 'run', 'build', '--output-logs=errors-only'), { cwd: root }),
);
if (!built) process.exit(1); // What an earlier build left behind would be packed.
for (const { name, source, tarball } of packages) {
  check(name, 'pack', () => run(...pnpm('pack', '--out', tarball), { cwd: source }));
  check(name, 'contents', () => checkContents(tarball));
  check(name, 'publint --strict', () => runTool('publint', '--strict', tarball));
  check(name, 'attw --profile esm-only', () => runTool('attw', '--profile', 'esm-only', '--no-emoji', tarball));
}
check('all packages', 'npm install outside the repository', installConsumer);
for (const { name, source } of packages) {
  let snippets = [];
  check(name, 'README', () => {
    snippets = writeSnippets(name, source);
  });
  for (const snippet of snippets) {
    const compiled = check(name, `type-check ${snippet}.ts`, () => compile(snippet));
    if (compiled)
      check(name, `run ${snippet}.ts`, () => run(process.execPath, [`out/${snippet}.js`], { cwd: consumer }));
  }
}

if (failures.length === 0) rmSync(folder, { recursive: true });
else
  console.log(
    `\nFailed:\n${failures.map((line) => `  ${line}`).join('\n')}\nThe tarballs and the consumer are in ${folder}`,
  );
console.log(`${packages.length} packages: ${passed} checks passed, ${failures.length} failed`);
process.exitCode = failures.length === 0 ? 0 : 1;

function readPackages() {
  return readdirSync(path.join(root, 'packages'))
    .map((entry) => path.join(root, 'packages', entry))
    .filter((source) => existsSync(path.join(source, 'package.json')))
    .map((source) => {
      const { name } = readJson(path.join(source, 'package.json'));
      return { name, source, tarball: path.join(folder, `${path.basename(source)}.tgz`) };
    });
}

/** One line per package and step; the reason under it where it fails. */
function check(name, step, work) {
  try {
    work();
    passed += 1;
    console.log(`ok      ${name}  ${step}`);
    return true;
  } catch (error) {
    failures.push(`${name}  ${step}`);
    console.log(`FAILED  ${name}  ${step}\n${error.message.trimEnd().replaceAll(/^/gm, '        ')}`);
    return false;
  }
}

function checkContents(tarball) {
  const files = run('tar', ['-tzf', path.basename(tarball)], { cwd: folder })
    .trim()
    .split(/\r?\n/);
  const names = files.map((file) => file.replace(/^package\//, ''));
  const manifest = run('tar', ['-xzOf', path.basename(tarball), 'package/package.json'], { cwd: folder });
  const { bin = {} } = JSON.parse(manifest);
  const programs = (typeof bin === 'string' ? [bin] : Object.values(bin)).map((file) => path.posix.normalize(file));
  const problems = [
    ...names
      .filter((file) => TESTS.test(file) || !(SHIPPED.test(file) || programs.includes(file)))
      .map((file) => `${file} should not be shipped`),
    ...[...REQUIRED, ...programs].filter((file) => !names.includes(file)).map((file) => `${file} is missing`),
  ];
  for (const leftover of ['"workspace:', '"catalog:', '@sifaka/source']) {
    if (manifest.includes(leftover)) problems.push(`package.json still says ${leftover.replace('"', '')}`);
  }
  if (problems.length > 0) throw new Error(problems.join('\n'));
}

/** A project as a user would have it: the tarballs, the peer, TypeScript. */
function installConsumer() {
  const tarballs = Object.fromEntries(packages.map(({ name, tarball }) => [name, `file:${tarball}`]));
  const installed = (name) => readJson(path.join(root, 'node_modules', name, 'package.json')).version;
  mkdirSync(consumer);
  writeJson('package.json', {
    name: 'consumer',
    private: true,
    type: 'module',
    dependencies: { ...tarballs, '@tensorflow/tfjs-core': installed('@tensorflow/tfjs-core') },
    devDependencies: { '@types/node': installed('@types/node'), typescript: installed('typescript') },
    // Packages that depend on one another get the tarballs too, never a published version.
    overrides: Object.fromEntries(packages.map(({ name }) => [name, `$${name}`])),
  });
  const options = {
    target: 'ES2022',
    lib: ['ES2023', 'DOM'],
    module: 'NodeNext',
    strict: true,
    skipLibCheck: true,
    types: ['node'],
  };
  writeJson('tsconfig.json', { compilerOptions: { ...options, outDir: 'out', rootDir: '.', noEmitOnError: true } });
  run('npm', ['install', '--no-audit', '--no-fund'], { cwd: consumer });

  const entries = Object.entries(readJson(path.join(consumer, 'package-lock.json')).packages);
  const copies = (name) => entries.filter(([place]) => place.endsWith(`node_modules/${name}`));
  for (const { name } of packages) {
    const found = copies(name).map(([place, { resolved }]) => `${place} from ${resolved}`);
    if (found.length !== 1 || !found[0].includes(' from file:')) {
      throw new Error(`expected one copy of ${name} from its tarball, got ${found.join(', ') || 'none'}`);
    }
  }
  const cores = copies('@tensorflow/tfjs-core').map(([place]) => place);
  if (cores.length !== 1)
    throw new Error(`expected one copy of @tensorflow/tfjs-core, got ${cores.join(', ') || 'none'}`);
}

function writeSnippets(name, source) {
  if (!existsSync(consumer)) throw new Error('the packages were not installed');
  const readme = path.join(source, 'README.md');
  if (!existsSync(readme)) throw new Error('README.md is missing');
  const blocks = [...readFileSync(readme, 'utf8').matchAll(/^```ts\r?\n([\s\S]*?)^```/gm)].map(([, code]) => code);
  if (blocks.length === 0) throw new Error('README.md has no ts block');
  return blocks.map((code, i) => {
    const snippet = `${name.replace(/^@sifaka\//, '')}-${i + 1}`;
    writeFileSync(path.join(consumer, `${snippet}.ts`), code);
    return snippet;
  });
}

/** Type-checks one snippet, by itself, and compiles it for node. */
function compile(snippet) {
  writeJson(`tsconfig.${snippet}.json`, { extends: './tsconfig.json', files: [`${snippet}.ts`] });
  const tsc = path.join(consumer, 'node_modules', 'typescript', 'bin', 'tsc');
  run(process.execPath, [tsc, '-p', `tsconfig.${snippet}.json`], { cwd: consumer });
}

function pnpm(...args) {
  const { command, args: first } = pinnedPnpm();
  return [command, [...first, ...args]];
}

function runTool(name, ...args) {
  run(path.join(root, 'node_modules', '.bin', name), args, { cwd: root });
}

/** Runs a program to its end; what it printed is the result, or the error if it fails. */
function run(command, args, { cwd }) {
  const { status, signal, stdout, stderr, error } = spawnSync(command, args, {
    cwd,
    env: { ...toolEnvironment, NO_COLOR: '1', FORCE_COLOR: '0' },
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
    shell: process.platform === 'win32' && command !== process.execPath,
    timeout: 600_000,
  });
  const program = path.basename(command);
  if (error !== undefined) throw new Error(`${program}: ${error.message}`);
  if (status !== 0) throw new Error(`${stdout}${stderr}\n${program} ended with ${status ?? signal}`);
  return stdout;
}

function readJson(file) {
  return JSON.parse(readFileSync(file, 'utf8'));
}

function writeJson(name, value) {
  writeFileSync(path.join(consumer, name), `${JSON.stringify(value, null, 2)}\n`);
}
