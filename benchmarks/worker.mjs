// A contender's process. It is asked one line of JSON at a time and answers with one: only the process that is asked computes.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** What a contender answered instead of a result. */
export class WorkerFailure extends Error {
  constructor(name, { reason, command }) {
    super(`${name}: ${reason}`);
    this.reason = reason;
    this.command = command;
  }
}

export class Worker {
  #name;
  #child;
  #waiting;
  #ended;
  #lastWords;
  #complaints = '';

  constructor(name, [file, ...args], environment = {}) {
    this.#name = name;
    this.#child = spawn(file, args, { stdio: ['pipe', 'pipe', 'pipe'], env: { ...process.env, ...environment } });
    this.#child.stderr.on('data', (text) => {
      this.#complaints = (this.#complaints + text).slice(-4000);
    });
    this.#child.stdin.on('error', () => {}); // The end of the process is reported below.
    createInterface({ input: this.#child.stdout }).on('line', (line) => {
      // Libraries greet on standard output; only our answers are objects.
      if (!line.startsWith('{')) return;
      const { resolve, reject } = this.#waiting;
      const answer = JSON.parse(line);
      if (answer.reason === undefined) resolve(answer);
      else reject(new WorkerFailure(this.#name, answer));
    });
    this.#ended = new Promise((resolve) => {
      const end = (reason) => {
        this.#lastWords ??= reason;
        this.#waiting?.reject(new WorkerFailure(this.#name, { reason }));
        resolve();
      };
      this.#child.on('error', (error) => end(error.message));
      this.#child.on('close', (code, signal) => end(`ended with ${signal ?? code}\n${this.#complaints}`));
    });
  }

  /** @throws {@link WorkerFailure} with what the process says, or its last words. */
  async ask(question) {
    if (this.#lastWords !== undefined) throw new WorkerFailure(this.#name, { reason: this.#lastWords });
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#child.stdin.write(`${JSON.stringify(question)}\n`);
    });
  }

  async stop() {
    this.#child.stdin.end();
    await this.#ended;
  }
}
