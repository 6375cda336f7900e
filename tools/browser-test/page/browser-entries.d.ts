declare module 'virtual:browser-entries' {
  /** The exports of every browser entry, by the entry's name. */
  export const entries: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}
