import { EventEmitter } from 'node:events';
import { interruptSignal } from '@sifaka/cli';
import { expect, it } from 'vitest';

/** A program that notes what it was told to write and with what it was told to exit. */
class Program extends EventEmitter {
  readonly written: string[] = [];
  readonly exits: number[] = [];
  readonly stderr = { write: (text: string) => this.written.push(text) };
  exit(code: number): void {
    this.exits.push(code);
  }
}

it.each(['SIGINT', 'SIGTERM'])('%s asks once to stop, and the second time leaves at once', (name) => {
  const program = new Program();
  const signal = interruptSignal(program);
  expect(signal.aborted).toBe(false);
  program.emit(name);
  expect(signal.aborted).toBe(true);
  expect(program.exits).toEqual([]);
  expect(program.written.join('')).toContain('once more to leave at once');
  program.emit('SIGINT');
  expect(program.exits).toEqual([130]);
  expect(program.written).toHaveLength(1);
});
