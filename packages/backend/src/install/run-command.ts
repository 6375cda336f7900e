import { spawn } from 'node:child_process';

/** How a command ended, and everything it wrote. */
export interface CommandResult {
  /** `undefined` if the command does not exist. */
  readonly code: number | null | undefined;
  readonly signal: string | null;
  /** Standard output alone. */
  readonly stdout: string;
  /** Standard output and error, in the order of their arrival. */
  readonly output: string;
}

export interface CommandOptions {
  readonly cwd?: string;
  /** Added to this process's environment. */
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * Runs a command and waits for its end. Never throws: a missing or failing command is a result, which the caller
 * turns into an error.
 */
export function runCommand(
  command: string,
  args: readonly string[],
  { cwd, env }: CommandOptions = {},
): Promise<CommandResult> {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      ...(cwd === undefined ? {} : { cwd }),
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '';
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      output += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
    child.on('error', (error) => resolve({ code: undefined, signal: null, stdout, output: String(error) }));
    child.on('close', (code, signal) => resolve({ code, signal, stdout, output }));
  });
}

/** The most telling line of a failed command's output: the first that mentions an error, otherwise the last. */
export function tellingLine(output: string): string {
  const lines = output
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  return lines.find((line) => /\berror\b|\bfailed\b/i.test(line)) ?? lines.at(-1) ?? 'no output';
}
