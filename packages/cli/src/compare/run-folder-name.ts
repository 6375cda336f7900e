/** Name of the folder of a model's run at a seed, without characters that lead elsewhere: `+ CIC` → `CIC-seed-1`. */
export function runFolderName(model: string, seed: number): string {
  return `${model.replaceAll(/[^A-Za-z0-9]+/g, '-').replaceAll(/^-|-$/g, '')}-seed-${seed}`;
}

/** @throws RangeError naming the first two runs that would share a folder, or if there is no run. */
export function assertDistinctFolders(where: string, models: readonly string[], seeds: readonly number[]): void {
  const taken = new Map<string, string>();
  for (const model of models) {
    for (const seed of seeds) {
      const folder = runFolderName(model, seed);
      const run = `${model} with seed ${seed}`;
      const other = taken.get(folder);
      if (other !== undefined) {
        throw new RangeError(`${where}: expected a folder for each run, got ${folder} for both ${other} and ${run}`);
      }
      taken.set(folder, run);
    }
  }
  if (taken.size === 0) throw new RangeError(`${where}: expected at least one model and one seed, got none`);
}
