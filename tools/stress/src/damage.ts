import { runChild } from './child-process.js';
import type { Round } from './main.js';

/** Damages each file of two checkpoints in a process of its own. */
export async function damageRound({ seed, folder }: Round): Promise<string> {
  const { ended, reason, lines, errors } = await runChild('damage-run', [folder, String(seed)], { silenceMs: 30_000 });
  const wrong = lines.flatMap((line, i) => (line.startsWith('wrong: ') ? [`${lines[i - 1]}: ${line}`] : []));
  if (lines.at(-1) !== 'finished') wrong.push(`${lines.at(-1)}: ${reason ?? `exit ${ended}`}\n${errors}`);
  if (wrong.length > 0) throw new Error(wrong.join('\n  '));
  return `${lines.filter((line) => line.startsWith('try ')).length} damaged checkpoints`;
}
