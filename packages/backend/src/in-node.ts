/** Whether this program runs in Node (or Bun or Deno), not in a browser. */
export function inNode(): boolean {
  return globalThis.process?.versions?.node !== undefined;
}
