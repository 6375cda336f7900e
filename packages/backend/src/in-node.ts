/** Whether this program runs in Node, not in a browser. */
export function inNode(): boolean {
  return globalThis.process?.versions?.node !== undefined;
}
