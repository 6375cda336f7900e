import { inspect } from 'node:util';
import { fixableMessage } from '../errors/fixable-message.js';
import type { Terminal } from './progress-line.js';

/**
 * Runs a program. If it fails with an error that the user can fix, only the message is shown; otherwise the stack is,
 * too.
 *
 * @returns the program's exit code; 1 after an error.
 */
export async function runProgram(program: () => Promise<number>, terminal: Terminal): Promise<number> {
  try {
    return await program();
  } catch (error) {
    terminal.write(`\n${fixableMessage(error) ?? inspect(error)}\n`);
    return 1;
  }
}
