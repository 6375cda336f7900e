import path from 'node:path';
import { runChild } from './child-process.js';
import type { Round } from './main.js';

const SILENCE_MS = 20_000;

/** Reads mutated inputs in processes with limits. After an input that ends its process, another takes the next one. */
export async function mutateRound({ seed, folder, inputs }: Round): Promise<string> {
  const wrong: string[] = [];
  const counts = { read: 0, refused: 0 };
  for (let first = 0; first < inputs; ) {
    const args = [path.join(folder, String(first)), String(seed), String(first), String(inputs)];
    const { ended, reason, lines, errors } = await runChild('mutate-run', args, { silenceMs: SILENCE_MS });
    for (const [i, line] of lines.entries()) {
      if (line === 'ok: read') counts.read++;
      if (line === 'ok: refused') counts.refused++;
      if (line.startsWith('wrong: ')) wrong.push(`${lines[i - 1]}: ${line}`);
    }
    if (lines.at(-1) === 'finished') break;
    const tried = lines.findLast((line) => line.startsWith('try '));
    wrong.push(`${tried ?? 'no input yet'}: ${reason ?? `exit ${ended}`}\n${errors}`);
    if (tried === undefined) break;
    first = Number(/\d+/.exec(tried)![0]) + 1;
  }
  if (wrong.length > 0) throw new Error(wrong.join('\n  '));
  return `${counts.read} inputs read, ${counts.refused} refused`;
}
