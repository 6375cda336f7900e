// Checks the packages as users get them (`npm run check:packages`). It packs every package and checks each tarball.
// Then, for each package alone, it follows the README in an empty project outside the repository: it installs with the
// README's own command, and type-checks and runs every ts block.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Consumer } from './consumer.mjs';
import { root } from './pinned-pnpm.mjs';
import { publishedPackages, readReadme } from './published-packages.mjs';
import { runPnpm, runProgram } from './run-program.mjs';

const SHIPPED = /^((dist|src)\/.+|native\/[a-z_]+\.(cc|h)|README\.md|LICENSE|CHANGELOG\.md|package\.json)$/;
const REQUIRED = ['README.md', 'LICENSE', 'package.json', 'dist/index.js', 'dist/index.d.ts', 'src/index.ts'];
const TESTS = /(^|\/)(tests?|__tests__|__fixtures__)\/|\.(test|spec)\./;
const PACKAGES_AT_ONCE = 2;

const folder = mkdtempSync(path.join(tmpdir(), 'sifaka-packages-'));
const failures = [];
let passed = 0;

const packages = publishedPackages().map((found) => ({
  ...found,
  tarball: path.join(folder, `${path.basename(found.source)}.tgz`),
}));
const tarballs = Object.fromEntries(packages.map(({ name, tarball }) => [name, `file:${tarball}`]));

const built = await check('all packages', 'build', () =>
  runPnpm(['exec', 'turbo', 'run', 'build', '--output-logs=errors-only']),
);
if (!built) process.exit(1); // The packages would hold the files of an earlier build.
await forEachPackage(checkTarball);
await forEachPackage(checkReadme);

if (failures.length === 0) rmSync(folder, { recursive: true });
else
  console.log(
    `\nFailed:\n${failures.map((line) => `  ${line}`).join('\n')}\nThe tarballs and the projects are in ${folder}`,
  );
console.log(
  `${packages.length} packages: ${passed} checks passed, ${failures.length} failed, in ${seconds(performance.now())}`,
);
process.exitCode = failures.length === 0 ? 0 : 1;

async function checkTarball({ name, source, tarball }) {
  if (!(await check(name, 'pack', () => runPnpm(['pack', '--out', tarball], { cwd: source })))) return;
  await check(name, 'contents', () => checkContents(tarball));
  await check(name, 'publint --strict', () => runTool('publint', '--strict', tarball));
  await check(name, 'attw --profile esm-only', () => runTool('attw', '--profile', 'esm-only', '--no-emoji', tarball));
}

async function checkReadme({ name, source }) {
  let readme;
  await check(name, 'README', () => {
    readme = readReadme(source);
  });
  if (readme === undefined) return;
  // Our packages that the command does not name come from the tarballs too, never from a published version.
  const overrides = Object.fromEntries(Object.entries(tarballs).filter(([ours]) => !readme.install.includes(ours)));
  const consumer = new Consumer(path.join(folder, path.basename(source)), { overrides });
  const installed = await check(name, `npm install ${readme.install.join(' ')}`, async () => {
    await consumer.install(readme.install.map((word) => tarballs[word] ?? word));
    checkCopies(consumer, name);
  });
  if (!installed) return;
  for (const [i, code] of readme.programs.entries()) {
    const program = `snippet-${i + 1}`;
    if (await check(name, `type-check ${program}.ts`, () => consumer.compile(program, code)))
      await check(name, `run ${program}.ts`, () => consumer.run(program));
  }
}

/** Prints one line per package and step, and the reason below it if the step fails. */
async function check(name, step, work) {
  const began = performance.now();
  const line = () => `${name}  ${step}  (${seconds(performance.now() - began)})`;
  try {
    await work();
    passed += 1;
    console.log(`ok      ${line()}`);
    return true;
  } catch (error) {
    failures.push(`${name}  ${step}`);
    console.log(`FAILED  ${line()}\n${error.message.trimEnd().replaceAll(/^/gm, '        ')}`);
    return false;
  }
}

function seconds(milliseconds) {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}

async function forEachPackage(work) {
  const waiting = [...packages];
  const worker = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await work(next);
  };
  await Promise.all(Array.from({ length: PACKAGES_AT_ONCE }, worker));
}

async function checkContents(tarball) {
  const listing = await runProgram('tar', ['-tzf', path.basename(tarball)], { cwd: folder });
  const names = listing
    .trim()
    .split(/\r?\n/)
    .map((file) => file.replace(/^package\//, ''));
  const text = await runProgram('tar', ['-xzOf', path.basename(tarball), 'package/package.json'], { cwd: folder });
  const manifest = JSON.parse(text);
  const { bin = {} } = manifest;
  const programs = (typeof bin === 'string' ? [bin] : Object.values(bin)).map((file) => path.posix.normalize(file));
  const problems = [
    ...names
      .filter((file) => TESTS.test(file) || !(SHIPPED.test(file) || programs.includes(file)))
      .map((file) => `${file} should not be shipped`),
    ...[...REQUIRED, ...programs].filter((file) => !names.includes(file)).map((file) => `${file} is missing`),
    ...['license', 'repository', 'homepage', 'bugs']
      .filter((field) => manifest[field] === undefined)
      .map((field) => `package.json has no ${field}`),
  ];
  for (const leftover of ['"workspace:', '"catalog:', '@sifaka/source']) {
    if (text.includes(leftover)) problems.push(`package.json still contains ${leftover.replace('"', '')}`);
  }
  if (manifest.publishConfig?.provenance !== undefined) {
    problems.push('package.json has publishConfig.provenance, which blocks a publish by hand (docs/releasing.md)');
  }
  if (problems.length > 0) throw new Error(problems.join('\n'));
}

/** Checks that there is one copy of TensorFlow.js and of each of our packages, because copies do not share state. */
function checkCopies(consumer, name) {
  for (const ours of Object.keys(tarballs)) {
    const found = consumer.copiesOf(ours).map(({ location, resolved }) => `${location} from ${resolved}`);
    const wrong = found.length > 1 || found.some((copy) => !copy.includes(' from file:'));
    if (wrong || (ours === name && found.length === 0)) {
      throw new Error(`expected one copy of ${ours} from its tarball, got ${found.join(', ') || 'none'}`);
    }
  }
  const cores = consumer.copiesOf('@tensorflow/tfjs-core').map(({ location }) => location);
  if (cores.length > 1) throw new Error(`expected one copy of @tensorflow/tfjs-core, got ${cores.join(', ')}`);
}

function runTool(name, ...args) {
  return runProgram(path.join(root, 'node_modules', '.bin', name), args);
}
