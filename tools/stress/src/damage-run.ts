import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { useEngine } from '@sifaka/backend';
import { deriveSeed, seededRandom } from '@sifaka/nn';
import { buildRanker, CheckpointError, loadCheckpoint, resumeOnline, TrainingStep, train } from '@sifaka/trainer';
import { DAMAGES } from './damages.js';
import { smallCatalogue, smallEvents, smallOptions, smallSamples, USERS } from './small-world.js';
import { startOnline } from './start-online.js';
import { digest, wholeDigest } from './whole-digest.js';

type Load = () => Promise<void>;

/** Damages each file of an offline and of an online checkpoint in every way, and prints a line per damage. */
export async function run([folder = '', seed = '']: readonly string[]): Promise<void> {
  await useEngine('wasm');
  await offline(path.join(folder, 'offline'), Number(seed));
  await online(path.join(folder, 'online'), Number(seed));
  console.log('finished');
}

async function offline(folder: string, seed: number): Promise<void> {
  const { catalogue } = await smallCatalogue();
  const make = (numUsers: number) => new TrainingStep(buildRanker(smallOptions(seed), { catalogue, numUsers }));
  const checkpoints = { folder, fingerprint: 'stress' };
  const trained = { ...smallSamples(seed), steps: 6, batchSize: 16, evaluateEvery: 2, checkpoints };
  const { checkpoint } = await train(make(USERS), trained);
  const other = make(USERS);
  let before = wholeDigest(other);
  await damageEach(checkpoint!, seed, async () => {
    try {
      await loadCheckpoint(other, checkpoint!, checkpoints);
      before = wholeDigest(other);
    } catch (error) {
      if (!isDeepStrictEqual(wholeDigest(other), before)) console.log('wrong: the model in memory has changed');
      throw error;
    }
  });
}

async function online(folder: string, seed: number): Promise<void> {
  const trainer = await startOnline(seed);
  await trainer.run(smallEvents(40, seed));
  const checkpoint = await trainer.save(folder);
  const load = async () => (await resumeOnline(checkpoint)).dispose();
  await damageEach(checkpoint, seed, load);
  await load(); // The files are whole again.
}

async function damageEach(checkpoint: string, seed: number, load: Load): Promise<void> {
  const random = seededRandom(deriveSeed(seed, 'damage'));
  const below = (limit: number) => Math.floor(random() * limit);
  const entries = await readdir(checkpoint, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
  for (const file of files.sort()) {
    const whole = await readFile(file);
    for (const [name, damage] of Object.entries(DAMAGES)) {
      console.log(`try ${name} ${path.relative(checkpoint, file)}`);
      const damaged = damage(whole, below);
      if (damaged === undefined) await rm(file);
      else await writeFile(file, damaged);
      const problem = await problemOf(load, file, whole, damaged);
      if (problem !== undefined) console.log(`wrong: ${problem}`);
      await mkdir(path.dirname(file), { recursive: true });
      await writeFile(file, whole);
    }
  }
}

async function problemOf(
  load: Load,
  file: string,
  whole: Uint8Array,
  damaged: Uint8Array | undefined,
): Promise<string | undefined> {
  try {
    await load();
  } catch (error) {
    if (!CheckpointError.isInstance(error)) return `expected a CheckpointError, got ${(error as Error).stack}`;
    return names(error, file) ? undefined : `expected an error that names ${file}, got ${error.message}`;
  }
  return sameJson(whole, damaged) ? undefined : 'expected a CheckpointError, got none';
}

function names(error: CheckpointError, file: string): boolean {
  const { message } = error;
  // The checksum of online.json is in a file of its own, and either may be the damaged one.
  if (message.includes(file) || message.includes(file.replace(/\.sha256$/, ''))) return true;
  if (message.includes(path.basename(file)) && file.startsWith(error.path)) return true;
  // A folder without its state is no checkpoint.
  return path.basename(file) === 'state.json' && message.includes('expected a model, found none');
}

/** A flipped bit may give other JSON with the same content: `1e-7` and `1E-7`. */
function sameJson(whole: Uint8Array, damaged: Uint8Array | undefined): boolean {
  try {
    const [one, other] = [whole, damaged!].map((bytes) => JSON.parse(new TextDecoder().decode(bytes)) as unknown);
    return digest(one) === digest(other);
  } catch {
    return false;
  }
}
