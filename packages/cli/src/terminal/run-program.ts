import { inspect } from 'node:util';
import { fixableMessage } from '../errors/fixable-message.js';
import { printable } from './printable.js';
import type { Terminal } from './progress-line.js';

/**
 * Runs a program. An error that the user can fix is shown by its message alone, any other with its stack. Control
 * characters, which data may contain, are escaped.
 *
 * @returns the program's exit code; 1 after an error.
 */
export async function runProgram(program: () => Promise<number>, terminal: Terminal): Promise<number> {
  try {
    return await program();
  } catch (error) {
    terminal.write(`\n${printable(fixableMessage(error) ?? inspect(error))}\n`);
    return 1;
  }
}
