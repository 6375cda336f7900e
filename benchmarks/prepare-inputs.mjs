// Writes the inputs of all contenders (weights, batches, files) to a folder:
//
//   node prepare-inputs.mjs FOLDER WORKLOAD …
//
// It is a separate process, so that preparation does not count towards a contender's memory.
import { mkdir } from 'node:fs/promises';
import { useEngine } from '@sifaka/backend';

const [, , folder, ...workloads] = process.argv;
await mkdir(folder, { recursive: true });
await useEngine('wasm');
for (const workload of workloads) {
  const { writeInputs } = await import(`./inputs/${workload}.mjs`);
  await writeInputs(folder);
}
