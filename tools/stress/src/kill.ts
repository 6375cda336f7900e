import path from 'node:path';
import { deriveSeed, seededRandom } from '@sifaka/nn';
import type { ChildResult } from './child-process.js';
import { runChild } from './child-process.js';
import type { Round } from './main.js';

const SILENCE_MS = 60_000;

/** Kills an offline and an online training at random moments, and compares each with one that was never killed. */
export async function killRound({ seed, folder, kills }: Round): Promise<string> {
  const both = ['offline-run', 'online-run'].map((module) => compare(module, { seed, folder, kills }));
  await Promise.allSettled(both); // No process of a failed round may write into the next one.
  const [offline, online] = await Promise.all(both);
  return `${offline} kills offline, ${online} online`;
}

async function compare(
  module: string,
  { seed, folder, kills: maxKills }: Pick<Round, 'seed' | 'folder' | 'kills'>,
): Promise<number> {
  const random = seededRandom(deriveSeed(seed, module));
  const marks: number[] = [];
  const whole = await runChild(module, [path.join(folder, module, 'whole'), String(seed)], {
    silenceMs: SILENCE_MS,
    onLine: () => marks.push(performance.now()),
  });
  const wanted = resultOf(module, whole);
  const stepMs = (marks.at(-1)! - marks[0]!) / marks.length;

  const args = [path.join(folder, module, 'killed'), String(seed)];
  let kills = 0;
  let saved = 0;
  for (;;) {
    const left = Math.max(1, (marks.length - saved - 4) / Math.max(1, maxKills - kills));
    const atLine = kills < maxKills ? Math.ceil(left * random()) : Number.POSITIVE_INFINITY;
    const child = await runOnce(module, args, { atLine, delayMs: 1.5 * stepMs * random() });
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
    if (kills === 0 && maxKills > 0) throw new Error(`${module}: expected a run that can be killed, got none`);
    return kills;
  }
}

/** Runs a training, and kills it `delayMs` after the line `atLine` of its output. */
async function runOnce(
  module: string,
  args: readonly string[],
  { atLine, delayMs }: { readonly atLine: number; readonly delayMs: number },
): Promise<ChildResult> {
  let timer: NodeJS.Timeout | undefined;
  let line = 0;
  const result = await runChild(module, args, {
    silenceMs: SILENCE_MS,
    onLine: (_, child) => {
      if (++line === atLine) timer = setTimeout(() => child.kill('SIGKILL'), delayMs);
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
