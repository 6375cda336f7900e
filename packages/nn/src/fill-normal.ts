/**
 * Fills an array with normal numbers of mean 0, by Box–Muller. It works on the host, so that the values of a large
 * table do not pass through the engine.
 */
export function fillNormal(target: Float32Array, deviation: number, random: () => number): void {
  for (let i = 0; i < target.length; i++) {
    const radius = Math.sqrt(-2 * Math.log(1 - random()));
    target[i] = deviation * radius * Math.cos(2 * Math.PI * random());
  }
}
