import { EventEmitter } from 'node:events';
import { interruptSignal, outliveReaders } from '@sifaka/cli';
import { afterEach, expect, it, vi } from 'vitest';

afterEach(() => vi.useRealTimers());

/** Records what is written, and the exit codes. */
class Program extends EventEmitter {
  readonly written: string[] = [];
  readonly exits: number[] = [];
  readonly stderr = { write: (text: string) => this.written.push(text) };
  exit(code: number): void {
    this.exits.push(code);
  }
}

it.each(['SIGINT', 'SIGTERM', 'SIGHUP'])(
  '%s requests a stop the first time, and exits at once the second time',
  (name) => {
    const program = new Program();
    const signal = interruptSignal(program);
    expect(signal.aborted).toBe(false);
    program.emit(name);
    expect(signal.aborted).toBe(true);
    expect(program.exits).toEqual([]);
    expect(program.written.join('')).toContain('Press Ctrl-C again to quit at once');
    program.emit(name);
    expect(program.exits).toEqual([130]);
    expect(program.written).toHaveLength(1);
  },
);

it.each(['EPIPE', 'EIO'])('outlives a reader that is gone (%s), but no other error', (code) => {
  const [output, errors] = [new EventEmitter(), new EventEmitter()];
  outliveReaders(output, errors);
  for (const stream of [output, errors]) {
    stream.emit('error', Object.assign(new Error('gone'), { code }));
    expect(() => stream.emit('error', Object.assign(new Error('no space'), { code: 'ENOSPC' }))).toThrow('no space');
  }
});

it('takes a SIGTERM right after a SIGHUP for the same request, and a later one for a second', () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  const program = new Program();
  const signal = interruptSignal(program);
  program.emit('SIGHUP');
  vi.advanceTimersByTime(1900);
  program.emit('SIGTERM');
  expect([signal.aborted, program.exits]).toEqual([true, []]);
  vi.advanceTimersByTime(200);
  program.emit('SIGTERM');
  expect(program.exits).toEqual([130]);
});
