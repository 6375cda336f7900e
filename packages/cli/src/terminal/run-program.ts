import { inspect } from 'node:util';
import { fixableMessage } from '../errors/fixable-message.js';
import type { Terminal } from './progress-line.js';

/**
 * Runs a program and explains its error, if it fails: the message alone where the user can fix it, with the stack otherwise.
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
