import { type ChildProcess, spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const MEMORY_MIB = 1536;
const HEAP_MIB = 512;

export interface ChildOptions {
  /** The child is killed if it prints nothing for this long. Its first line may take three times as long. */
  readonly silenceMs: number;
  /** Reads each line of the child's output. */
  readonly onLine?: (line: string, child: ChildProcess) => void;
}

export interface ChildResult {
  /** Exit code or signal. */
  readonly ended: number | string;
  /** Why this process killed it. Undefined if it did not, or if `onLine` did. */
  readonly reason: string | undefined;
  readonly lines: readonly string[];
  readonly errors: string;
}

/** Runs `run(args)` of `src/MODULE.ts` in a process with limits on silence, JavaScript heap and, on Linux, memory. */
export async function runChild(
  module: string,
  args: readonly string[],
  { silenceMs, onLine }: ChildOptions,
): Promise<ChildResult> {
  const program = fileURLToPath(new URL('../child.mjs', import.meta.url));
  const child = spawn(process.execPath, [`--max-old-space-size=${HEAP_MIB}`, program, module, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines: string[] = [];
  let errors = '';
  let reason: string | undefined;
  let heard = performance.now();
  child.stderr.on('data', (chunk) => {
    errors = (errors + chunk).slice(-4000);
  });
  const reader = createInterface(child.stdout);
  reader.on('line', (line) => {
    heard = performance.now();
    lines.push(line);
    onLine?.(line, child);
  });
  const kill = (why: string) => {
    reason ??= why;
    child.kill('SIGKILL');
  };
  const watch = setInterval(async () => {
    const patience = lines.length === 0 ? 3 * silenceMs : silenceMs;
    if (performance.now() - heard > patience) kill(`nothing for ${patience / 1000} s`);
    const memory = await residentMiB(child.pid);
    if (memory > MEMORY_MIB) kill(`more than ${MEMORY_MIB} MiB of memory`);
  }, 100);
  const closed = new Promise<number | string>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve(signal ?? code ?? 'unknown'));
  });
  const read = new Promise((resolve) => reader.on('close', resolve));
  try {
    const [ended] = await Promise.all([closed, read]);
    return { ended, reason, lines, errors };
  } finally {
    clearInterval(watch);
  }
}

/** 0 where the system has no /proc, or the process has ended. */
async function residentMiB(pid: number | undefined): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) / 1024;
}
