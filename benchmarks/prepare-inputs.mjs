// Writes what all contenders start from (weights, batches, files) into a folder: `node prepare-inputs.mjs FOLDER WORKLOAD …`.
// A process of its own, so that no contender's memory holds what only the preparation needed.
import { mkdir } from 'node:fs/promises';
import { useEngine } from '@sifaka/backend';

const [, , folder, ...workloads] = process.argv;
await mkdir(folder, { recursive: true });
await useEngine('wasm');
for (const workload of workloads) {
  const { writeInputs } = await import(`./inputs/${workload}.mjs`);
  await writeInputs(folder);
}
