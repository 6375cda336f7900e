// A contender's process. It gets one question at a time, as a line of JSON, and is idle between questions.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** A contender failed instead of answering. */
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
  #failure;
  #stderr = '';

  constructor(name, [file, ...args], environment = {}) {
    this.#name = name;
    this.#child = spawn(file, args, { stdio: ['pipe', 'pipe', 'pipe'], env: { ...process.env, ...environment } });
    this.#child.stderr.on('data', (text) => {
      this.#stderr = (this.#stderr + text).slice(-4000);
    });
    this.#child.stdin.on('error', () => {}); // the 'close' event reports the end of the process
    createInterface({ input: this.#child.stdout }).on('line', (line) => {
      // Libraries also write to standard output, but only answers are objects.
      if (!line.startsWith('{')) return;
      const { resolve, reject } = this.#waiting;
      const answer = JSON.parse(line);
      if (answer.reason === undefined) resolve(answer);
      else reject(new WorkerFailure(this.#name, answer));
    });
    this.#ended = new Promise((resolve) => {
      const end = (reason) => {
        this.#failure ??= reason;
        this.#waiting?.reject(new WorkerFailure(this.#name, { reason }));
        resolve();
      };
      this.#child.on('error', (error) => end(error.message));
      this.#child.on('close', (code, signal) => end(`ended with ${signal ?? code}\n${this.#stderr}`));
    });
  }

  /**
   * @throws {@link WorkerFailure} with the reason in the answer, or with the end of the process and its error output.
   */
  async ask(question) {
    if (this.#failure !== undefined) throw new WorkerFailure(this.#name, { reason: this.#failure });
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
