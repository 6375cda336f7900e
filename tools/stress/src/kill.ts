import path from 'node:path';
import { deriveSeed, seededRandom } from '@sifaka/nn';
import type { ChildResult } from './child-process.js';
import { runChild } from './child-process.js';
import type { Round } from './main.js';

const SILENCE_MS = 60_000;

/** Kills an offline and an online training at random moments, and compares each with one that was never killed. */
export async function killRound({ seed, folder, kills: wanted }: Round): Promise<string> {
  const [offline, online] = await Promise.all([
    compare('offline-run', { seed, folder, kills: wanted }),
    compare('online-run', { seed, folder, kills: wanted }),
  ]);
  return `${offline} kills offline, ${online} online`;
}

async function compare(
  module: string,
  { seed, folder, kills: maxKills }: Pick<Round, 'seed' | 'folder' | 'kills'>,
): Promise<number> {
  const random = seededRandom(deriveSeed(seed, module));
  let began: number | undefined;
  const whole = await runChild(module, [path.join(folder, module, 'whole'), String(seed)], {
    silenceMs: SILENCE_MS,
    onLine: () => {
      began ??= performance.now();
    },
  });
  const runMs = performance.now() - began!;
  const wanted = resultOf(module, whole);

  const killed = path.join(folder, module, 'killed');
  let kills = 0;
  let saved = 0;
  for (;;) {
    const afterMs = kills < maxKills ? (1.5 * runMs * random()) / maxKills : Number.POSITIVE_INFINITY;
    const child = await runOnce(module, [killed, String(seed)], afterMs);
    const steps = stepsOf(child);
    if (steps.length > 0 && steps[0]! < saved) {
      throw new Error(`${module}: expected to resume from step ${saved}, which was saved, got ${steps[0]}`);
    }
    saved = Math.max(saved, ...steps);
    if (child.ended === 'SIGKILL' && child.reason === undefined) {
      kills++;
      continue;
    }
    const got = resultOf(module, child);
    if (got !== wanted) throw new Error(`${module}, ${kills} kills: expected ${wanted}, got ${got}`);
    return kills;
  }
}

/** Runs a training, and kills it `afterMs` after its first line. */
async function runOnce(module: string, args: readonly string[], afterMs: number): Promise<ChildResult> {
  let timer: NodeJS.Timeout | undefined;
  const result = await runChild(module, args, {
    silenceMs: SILENCE_MS,
    onLine: (_, child) => {
      if (Number.isFinite(afterMs)) timer ??= setTimeout(() => child.kill('SIGKILL'), afterMs);
    },
  });
  clearTimeout(timer);
  return result;
}

function stepsOf({ lines }: ChildResult): number[] {
  return lines.flatMap((line) => (line.startsWith('step ') ? [Number(line.slice(5))] : []));
}

function resultOf(module: string, { ended, reason, lines, errors }: ChildResult): string {
  const last = lines.at(-1);
  if (ended === 0 && last?.startsWith('result ')) return last.slice(7);
  throw new Error(`${module}: expected a result, got ${reason ?? `exit ${ended}`} after "${last}"\n${errors}`);
}
