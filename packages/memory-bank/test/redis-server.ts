import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Redis } from 'ioredis';

/**
 * The server that the tests start: `SIFAKA_TEST_REDIS=redis-server` or `valkey-server`. Without it, they start none.
 */
export const PROGRAM: string | undefined = process.env['SIFAKA_TEST_REDIS'];

const LONGEST_START_MS = 10_000;

/** A real server with its own data, on a Unix socket in a temporary folder. Acknowledged writes are on disk. */
export class RedisServer {
  readonly folder: string = path.join(tmpdir(), `sifaka-redis-${randomUUID()}`);
  /** Address for clients. */
  readonly socket: string = path.join(this.folder, 'socket');
  readonly #args: readonly string[];
  #process: ChildProcess | undefined;

  constructor(args: readonly string[] = []) {
    this.#args = args;
  }

  /** @param args more arguments, which override those of the constructor. */
  async start(args: readonly string[] = []): Promise<void> {
    mkdirSync(this.folder, { recursive: true });
    const storage = ['--appendonly', 'yes', '--appendfsync', 'always', '--save', ''];
    const address = ['--port', '0', '--unixsocket', this.socket, '--dir', this.folder];
    const started = spawn(PROGRAM!, [...address, ...storage, ...this.#args, ...args], { stdio: 'ignore' });
    this.#process = started;
    const failed = new Promise<never>((_, reject) => {
      started.once('error', () =>
        reject(new Error(`SIFAKA_TEST_REDIS: ${PROGRAM} does not start. Try: apt-get install redis-server`)),
      );
      started.once('exit', (code) => reject(new Error(`SIFAKA_TEST_REDIS: ${PROGRAM} ended with ${code}`)));
    });
    failed.catch(() => undefined); // The process also exits when a test kills it.
    await Promise.race([this.#answers(), failed]);
  }

  /** Kills the server, as a crash does. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /** Freezes the process until {@link resume}. Its connections stay open. */
  pause(): void {
    this.#process?.kill('SIGSTOP');
  }

  resume(): void {
    this.#process?.kill('SIGCONT');
  }

  /** Deletes the data of a server that is not running. */
  clear(): void {
    rmSync(path.join(this.folder, 'appendonlydir'), { recursive: true, force: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#end('SIGKILL');
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Runs a command over a separate client. */
  async command(...words: readonly [string, ...(string | Buffer)[]]): Promise<unknown> {
    const client = new Redis(this.socket, { lazyConnect: true });
    await client.connect();
    const [name, ...rest] = words;
    return client.call(name, ...rest).finally(() => client.disconnect());
  }

  async #answers(): Promise<void> {
    for (let waited = 0; waited < LONGEST_START_MS; waited += 20) {
      const client = new Redis(this.socket, { lazyConnect: true, retryStrategy: () => null });
      let there = false;
      client.on('ready', () => (there = true));
      // A server that requires a password is running.
      client.on('error', (error: Error) => (there ||= /NOAUTH/.test(error.message)));
      await client.connect().catch(() => undefined);
      client.disconnect();
      if (there) return;
      await wait(20);
    }
    throw new Error(`SIFAKA_TEST_REDIS: ${PROGRAM} does not answer in ${LONGEST_START_MS} ms`);
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const ending = this.#process;
    this.#process = undefined;
    if (ending === undefined || ending.exitCode !== null || ending.signalCode !== null || ending.pid === undefined)
      return;
    ending.kill(signal);
    await once(ending, 'exit');
  }
}
