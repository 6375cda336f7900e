import { useEngine } from '@sifaka/backend';
import { listOnline, resumeOnline } from '@sifaka/trainer';
import { ITEMS, smallEvents } from './small-world.js';
import { startOnline } from './start-online.js';
import { digest, wholeDigest } from './whole-digest.js';

const EVENTS = 330;

/** Learns from a stream with a checkpoint after each step, from the newest one on. Prints as the offline run does. */
export async function run([folder = '', seed = '']: readonly string[]): Promise<void> {
  await useEngine('wasm');
  const events = smallEvents(EVENTS, Number(seed));
  const [newest] = await listOnline(folder);
  const trainer = newest === undefined ? await startOnline(Number(seed)) : await resumeOnline(newest);
  console.log(`step ${trainer.step}`);
  const source = function* () {
    for (const event of events.slice(trainer.counts.arrivals)) {
      // The checkpoint of the step before is written.
      if (trainer.counts.arrivals % 12 === 0) console.log(`step ${Math.max(0, trainer.step - 1)}`);
      yield event;
    }
  };
  await trainer.run(source(), { checkpoints: { folder, every: 1 } });
  const { trainingSeconds: _, meter, ...state } = trainer.state();
  const { seconds: __, ...sums } = meter.sums;
  const candidates = Array.from({ length: ITEMS }, (_, item) => item);
  const ranked = await trainer.rank({ user: 'u1', candidates });
  const result = { ...wholeDigest(trainer.training), state: digest({ ...state, sums }), ranked: digest(ranked) };
  console.log(`result ${JSON.stringify(result)}`);
}
