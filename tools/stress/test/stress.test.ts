import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const PROGRAM = fileURLToPath(new URL('../run.mjs', import.meta.url));

/** Runs the program as a user does. @returns its exit code and output. */
async function stress(...args: readonly string[]): Promise<{ code: unknown; output: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [PROGRAM, ...args], (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : error.code, output: stdout + stderr });
    });
  });
}

test.each(['kill', 'damage', 'mutate'])('a round of %s passes', { timeout: 180_000 }, async (area) => {
  const { code, output } = await stress('--seed', '1', '--rounds', '1', '--kills', '1', '--inputs', '200', area);
  expect(code, output).toBe(0);
  expect(output).toMatch(/^1 passed, 0 failed$/m);
});
