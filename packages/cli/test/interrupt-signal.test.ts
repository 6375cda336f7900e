import { EventEmitter } from 'node:events';
import { interruptSignal } from '@sifaka/cli';
import { expect, it } from 'vitest';

/** Records what is written, and the exit codes. */
class Program extends EventEmitter {
  readonly written: string[] = [];
  readonly exits: number[] = [];
  readonly stderr = { write: (text: string) => this.written.push(text) };
  exit(code: number): void {
    this.exits.push(code);
  }
}

it.each(['SIGINT', 'SIGTERM'])('%s requests a stop the first time, and exits at once the second time', (name) => {
  const program = new Program();
  const signal = interruptSignal(program);
  expect(signal.aborted).toBe(false);
  program.emit(name);
  expect(signal.aborted).toBe(true);
  expect(program.exits).toEqual([]);
  expect(program.written.join('')).toContain('Press Ctrl-C again to quit at once');
  program.emit('SIGINT');
  expect(program.exits).toEqual([130]);
  expect(program.written).toHaveLength(1);
});
