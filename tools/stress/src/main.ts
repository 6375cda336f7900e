import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { damageRound } from './damage.js';
import { killRound } from './kill.js';
import { mutateRound } from './mutate.js';

export interface Round {
  readonly seed: number;
  /** An empty folder, removed after the round. */
  readonly folder: string;
  /** Number of kills of each training. Fewer if it ends before. */
  readonly kills: number;
  /** Number of mutated inputs. */
  readonly inputs: number;
}

/** @returns what was tried. @throws Error saying what failed. */
export type Area = (round: Round) => Promise<string>;

const AREAS: Readonly<Record<string, Area>> = { kill: killRound, damage: damageRound, mutate: mutateRound };

/** Runs rounds, prints a line for each, and returns the exit code. */
export async function main(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      seed: { type: 'string', default: '1' },
      minutes: { type: 'string' },
      rounds: { type: 'string' },
      kills: { type: 'string', default: '3' },
      inputs: { type: 'string', default: '500' },
    },
  });
  const firstSeed = whole('seed', values.seed);
  const sizes = { kills: whole('kills', values.kills), inputs: whole('inputs', values.inputs) };
  const ends = values.minutes === undefined ? undefined : performance.now() + 60_000 * Number(values.minutes);
  if (Number.isNaN(ends)) throw new RangeError(`stress: expected --minutes to be a number, got ${values.minutes}`);
  const defaultRounds = ends === undefined ? 1 : Number.POSITIVE_INFINITY;
  const rounds = values.rounds === undefined ? defaultRounds : whole('rounds', values.rounds);
  const names = positionals.length > 0 ? positionals : Object.keys(AREAS);
  for (const name of names) {
    if (Object.hasOwn(AREAS, name)) continue;
    throw new RangeError(`stress: expected ${Object.keys(AREAS).join(', ')}, got ${name}`);
  }

  const counts = { passed: 0, failed: 0 };
  for (let round = 0; round < rounds && (ends === undefined || performance.now() < ends); round++) {
    for (const name of names) counts[await runRound(name, firstSeed + round, sizes)]++;
  }
  console.log(`${counts.passed} passed, ${counts.failed} failed`);
  return counts.failed === 0 && counts.passed > 0 ? 0 : 1;
}

async function runRound(
  name: string,
  seed: number,
  sizes: Pick<Round, 'kills' | 'inputs'>,
): Promise<'passed' | 'failed'> {
  const folder = await mkdtemp(path.join(tmpdir(), 'sifaka-stress-'));
  const began = performance.now();
  const seconds = () => `${((performance.now() - began) / 1000).toFixed(1)} s`;
  try {
    const tried = await AREAS[name]!({ seed, folder, ...sizes });
    console.log(`${name}, seed ${seed}: passed (${tried}), ${seconds()}`);
    return 'passed';
  } catch (error) {
    const again = `--seed ${seed} --rounds 1 --kills ${sizes.kills} --inputs ${sizes.inputs} ${name}`;
    const { message } = error as Error;
    console.log(`${name}, seed ${seed}: FAILED, ${seconds()}: ${message}\n  again: node tools/stress/run.mjs ${again}`);
    return 'failed';
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function whole(name: string, text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new RangeError(`stress: expected --${name} to be a whole number, got ${text}`);
}
