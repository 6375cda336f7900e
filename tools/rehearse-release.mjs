// Rehearses releases against a registry on this machine. It clones the current commit, publishes every package by hand
// and then a new version with the release script, and follows each README from that registry. docs/releasing.md says
// when to run it.
//
//   node tools/rehearse-release.mjs
//
// It needs git and a few minutes, but no npm account. It ignores uncommitted changes.
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Consumer } from './consumer.mjs';
import { root } from './pinned-pnpm.mjs';
import { publishedPackages, readJson, readReadme } from './published-packages.mjs';
import { runPnpm, runProgram } from './run-program.mjs';

// The last minor version of Verdaccio 6 that runs on Node 20.
const VERDACCIO = '6.8.0';
const START_MS = 60_000;

const folder = mkdtempSync(path.join(tmpdir(), 'sifaka-release-'));
const clone = path.join(folder, 'clone');
let registry;
try {
  registry = await step('start Verdaccio', startRegistry);
  await step('clone and install', cloneRepository);
  const commit = (await git('rev-parse', 'HEAD')).trim();
  await step('changeset version', makeVersions);
  await step('build', () => runPnpm(['run', 'build'], { cwd: clone }));
  await step('publish by hand', () => publish('--recursive', 'publish'));
  await step('changeset tag', () => runPnpm(['exec', 'changeset', 'tag'], { cwd: clone }));
  expectPublished(await step('release script', () => publish('run', 'release')), []);

  writeFileSync(path.join(clone, '.changeset', 'rehearsal.md'), "---\n'@sifaka/nn': patch\n---\n\nA rehearsal.\n");
  await step('changeset version, with a patch of nn', makeVersions);
  expectPublished(await step('release script', () => publish('run', 'release')), ['@sifaka/nn']);

  for (const { name, source } of publishedPackages(clone)) {
    await step(`${name}: install and run`, () => useFromRegistry(name, source));
  }
  console.log(
    `Published ${(await git('tag', '--list', '@sifaka/*', '--contains', commit)).trim().split('\n').join(', ')}`,
  );
} finally {
  registry?.child.kill();
  rmSync(folder, { recursive: true, force: true });
}

async function step(title, work) {
  const began = performance.now();
  process.stdout.write(`${title} … `);
  const result = await work();
  process.stdout.write(`${((performance.now() - began) / 1000).toFixed(1)} s\n`);
  return result;
}

/** Starts an empty registry on a free loopback port. It knows only what is published to it. */
async function startRegistry() {
  const home = path.join(folder, 'registry');
  mkdirSync(home);
  // A dependency of Verdaccio names node-fetch by a dist tag, which not every mirror of npm has.
  const manifest = { private: true, dependencies: { verdaccio: VERDACCIO }, overrides: { 'node-fetch': '^2.6.7' } };
  writeFileSync(path.join(home, 'package.json'), JSON.stringify(manifest));
  await runProgram('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline'], { cwd: home });
  const config = {
    storage: path.join(home, 'storage'),
    auth: { htpasswd: { file: path.join(home, 'htpasswd') } },
    packages: { '**': { access: '$all', publish: '$authenticated' } },
    web: { enable: false },
    log: { type: 'stdout', level: 'warn' },
  };
  writeFileSync(path.join(home, 'config.yaml'), JSON.stringify(config)); // JSON is YAML.
  const listen = `127.0.0.1:${await freePort()}`;
  const program = path.join(home, 'node_modules', 'verdaccio', 'bin', 'verdaccio');
  const child = spawn(process.execPath, [program, '--config', path.join(home, 'config.yaml'), '--listen', listen], {
    stdio: 'ignore',
  });
  const url = `http://${listen}/`;
  try {
    const token = await createUser(url);
    const userConfig = path.join(folder, 'npmrc');
    writeFileSync(userConfig, `//${listen}/:_authToken=${token}\n`);
    return { child, url, userConfig };
  } catch (error) {
    child.kill();
    throw error;
  }
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer().on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/** Waits until the registry answers. @returns the token of a new user who may publish. */
async function createUser(url) {
  const body = JSON.stringify({ name: 'rehearsal', password: 'rehearsal' });
  const headers = { 'content-type': 'application/json' };
  for (const end = Date.now() + START_MS; ; await sleep(200)) {
    try {
      const answer = await fetch(`${url}-/user/org.couchdb.user:rehearsal`, { method: 'PUT', headers, body });
      const { token, error } = await answer.json();
      if (token === undefined) throw new Error(`Verdaccio: expected a token, got ${answer.status} ${error}`);
      return token;
    } catch (error) {
      if (!(error instanceof TypeError) || Date.now() > end) throw error; // A TypeError is a refused connection.
    }
  }
}

async function cloneRepository() {
  await runProgram('git', ['clone', '--quiet', root, clone]);
  await git('switch', '--quiet', '--force-create', 'main'); // The branch that pnpm publishes from.
  await git('config', 'user.name', 'Rehearsal');
  await git('config', 'user.email', 'rehearsal@localhost');
  await runPnpm(['install', '--frozen-lockfile'], { cwd: clone });
}

function git(...args) {
  return runProgram('git', args, { cwd: clone });
}

async function makeVersions() {
  await runPnpm(['exec', 'changeset', 'version'], { cwd: clone });
  await git('add', '--all');
  await git('commit', '--quiet', '--message', 'Version packages');
}

/** Runs pnpm with the local registry instead of npm's, and without the user's own npm settings. */
async function publish(...args) {
  // Starts `pnpm` itself, because npx would look for it in the local registry.
  const PATH = (await runPnpm(['exec', 'node', '--print', 'process.env.PATH'])).trim();
  const env = { PATH, NPM_CONFIG_REGISTRY: registry.url, NPM_CONFIG_USERCONFIG: registry.userConfig };
  return runProgram('pnpm', args, { cwd: clone, env });
}

/** @param {string} output what `changeset publish` prints. */
function expectPublished(output, expected) {
  const published = [...output.matchAll(/(\S+) is being published/g)].map(([, name]) => name);
  if (published.join() === expected.join()) return;
  throw new Error(`expected changeset publish to publish [${expected}], got [${published}]\n${output}`);
}

/** Follows the README in an empty project. Only our packages come from the local registry. */
async function useFromRegistry(name, source) {
  const { install, programs } = readReadme(source);
  const npmrc = `@sifaka:registry=${registry.url}\n`;
  const consumer = new Consumer(path.join(folder, 'consumers', path.basename(source)), { npmrc });
  await consumer.install(install);
  const { version } = readJson(path.join(source, 'package.json'));
  const versions = consumer.copiesOf(name).map((copy) => copy.version);
  if (versions.join() !== version) throw new Error(`expected one copy of ${name} ${version}, got ${versions}`);
  for (const [i, code] of programs.entries()) {
    await consumer.compile(`snippet-${i + 1}`, code);
    await consumer.run(`snippet-${i + 1}`);
  }
}
