import { type ChildProcess, execFileSync, fork, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { LOCK_FILE, makeOutputFolder, withFolderLock } from '@sifaka/cli';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeSandbox } from './sandbox.js';

const sandbox = makeSandbox();
let compiled: string;
beforeAll(async () => {
  compiled = await compileLock();
});
afterAll(() => rm(compiled, { recursive: true }));
const lockFile = () => path.join(sandbox.folder, LOCK_FILE);
const writeLock = (owner: object) => writeFile(lockFile(), JSON.stringify({ start: '', token: 'other', ...owner }));

/** The id of a process that has ended. */
async function deadProcess(): Promise<number> {
  const child = spawn(process.execPath, ['--version'], { stdio: 'ignore' });
  await once(child, 'exit');
  return child.pid!;
}

it('lets one run at a time into a folder, and leaves nothing behind', async () => {
  const result = await withFolderLock(sandbox.folder, async () => {
    const owner = `process ${process.pid} on ${hostname()}`;
    await expect(withFolderLock(sandbox.folder, async () => 'second')).rejects.toThrow(
      `Output folder ${sandbox.folder}: expected no other run, got ${owner}`,
    );
    await expect(makeOutputFolder(sandbox.folder)).rejects.toThrow(owner);
    expect(await readdir(sandbox.folder)).toEqual([LOCK_FILE]);
    return 'first';
  });
  expect(result).toBe('first');
  expect(await readdir(sandbox.folder)).toEqual([]);
  expect(await withFolderLock(sandbox.folder, async () => 'third')).toBe('third');
});

it('releases the folder after an error', async () => {
  await expect(withFolderLock(sandbox.folder, () => Promise.reject(new Error('failed')))).rejects.toThrow('failed');
  expect(await readdir(sandbox.folder)).toEqual([]);
});

it('lets exactly one of many in at the same moment', async () => {
  const attempts = Array.from({ length: 20 }, () =>
    withFolderLock(sandbox.folder, () => new Promise((resolve) => setTimeout(resolve, 200))),
  );
  const outcomes = await Promise.allSettled(attempts);
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
});

it('takes over the lock of a process that is dead', async () => {
  await writeLock({ pid: await deadProcess(), host: hostname() });
  await makeOutputFolder(sandbox.folder);
  expect(await withFolderLock(sandbox.folder, async () => readdir(sandbox.folder))).toEqual([LOCK_FILE]);
});

it.runIf(process.platform === 'linux')('takes over the lock of a process whose id was given to another', async () => {
  await writeLock({ pid: process.pid, host: hostname(), start: 'an earlier boot 17' });
  expect(await withFolderLock(sandbox.folder, async () => 'taken')).toBe('taken');
});

it('keeps out of a folder that another machine may be writing to, and says how to release it', async () => {
  await writeLock({ pid: await deadProcess(), host: 'another-machine' });
  const before = await readFile(lockFile(), 'utf8');
  await expect(withFolderLock(sandbox.folder, async () => 'taken')).rejects.toThrow(
    new RegExp(`on another-machine, which is writing to it\\n.*delete ${lockFile()}\\.$`),
  );
  expect(await readFile(lockFile(), 'utf8')).toBe(before);
});

it('keeps out of a folder whose lock is a link to nowhere', async () => {
  await symlink('nowhere', lockFile());
  await expect(withFolderLock(sandbox.folder, async () => 'taken')).rejects.toThrow('got a lock that cannot be read');
});

it('keeps out of a folder whose lock cannot be read', async () => {
  await writeFile(lockFile(), 'not a lock');
  await expect(withFolderLock(sandbox.folder, async () => 'taken')).rejects.toThrow('got a lock that cannot be read');
  expect(await readFile(lockFile(), 'utf8')).toBe('not a lock');
});

describe('another process', () => {
  it('keeps this one out while it lives, and releases the folder if it exits in the middle of a run', async () => {
    const other = await lockInAnotherProcess();
    await expect(withFolderLock(sandbox.folder, async () => 'taken')).rejects.toThrow(`got process ${other.pid} on `);
    other.send('exit');
    await once(other, 'exit');
    expect(other.exitCode).toBe(130);
    expect(await readdir(sandbox.folder)).toEqual([]);
  });

  it('loses the folder when it is killed', async () => {
    const other = await lockInAnotherProcess();
    other.kill('SIGKILL');
    await once(other, 'exit');
    expect(await readdir(sandbox.folder)).toEqual([LOCK_FILE]);
    expect(await withFolderLock(sandbox.folder, async () => 'taken')).toBe('taken');
    expect(await readdir(sandbox.folder)).toEqual([]);
  });
});

it('removes what processes left behind that were killed while they locked the folder, and nothing else', async () => {
  const beside = (name: string) => `${lockFile()}.${name}`;
  const lock = (pid: number, host = hostname()) => JSON.stringify({ pid, host, start: '', token: 'other' });
  const hourAgo = new Date(Date.now() - 3_600_000);
  const dead = beside(randomUUID());
  const empty = beside(randomUUID());
  await writeFile(dead, lock(await deadProcess()));
  await writeFile(empty, '');
  await utimes(empty, hourAgo, hourAgo);
  const kept = [
    [beside(randomUUID()), lock(process.pid)],
    [beside(randomUUID()), lock(await deadProcess(), 'another-machine')],
    [beside(randomUUID()), ''], // Written at this moment.
    [beside('notes'), 'mine'],
  ] as const;
  for (const [file, content] of kept) await writeFile(file, content);
  await utimes(kept[3][0], hourAgo, hourAgo);
  await withFolderLock(sandbox.folder, async () => {});
  const names = kept.map(([file]) => path.basename(file));
  expect((await readdir(sandbox.folder)).sort()).toEqual(names.sort());
});

/** Starts a process that owns the sandbox's folder, and exits when it gets a message. */
async function lockInAnotherProcess(): Promise<ChildProcess> {
  const child = fork(path.join(compiled, 'program.mjs'), [sandbox.folder], { execArgv: [] });
  expect((await once(child, 'message'))[0]).toBe('locked');
  return child;
}

/** Compiles the lock for plain Node. @returns the folder of the result */
async function compileLock(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'sifaka-lock-'));
  const tsc = fileURLToPath(new URL('bin/tsc', import.meta.resolve('typescript/package.json')));
  const sources = path.join(import.meta.dirname, '..', 'src');
  const lock = path.join(sources, 'run', 'folder-lock.ts');
  const options = '--ignoreConfig --module nodenext --target es2022 --types node --skipLibCheck'.split(' ');
  execFileSync(process.execPath, [tsc, lock, '--rootDir', sources, '--outDir', folder, ...options]);
  await writeFile(path.join(folder, 'package.json'), '{ "type": "module" }');
  await writeFile(
    path.join(folder, 'program.mjs'),
    `import { withFolderLock } from './run/folder-lock.js';
    process.on('message', () => process.exit(130));
    await withFolderLock(process.argv[2], () => new Promise(() => process.send('locked')));`,
  );
  return folder;
}
